"""``python -m vkauth`` is the command ``vkauth``."""

import sys

from vkauth.cli.main import main

sys.exit(main())
