"""``python -m vkauth`` is the command ``vkauth``."""

import sys

from vkauth.cli import main

sys.exit(main())
