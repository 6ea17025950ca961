"""Runs a command on a terminal: ``python on_terminal.py TERMINAL COMMAND...``, started as the leader of a session."""

import os
import sys

terminal = os.open(sys.argv[1], os.O_RDWR)  # the first one that a session's leader opens becomes its own
for stream in (0, 2):
    os.dup2(terminal, stream)
if os.environ.get("STDOUT") != "elsewhere":
    os.dup2(terminal, 1)
os.execv(sys.argv[2], sys.argv[2:])
