"""A browser that keeps one connection, as a program of its own: its work does not count as the server's.

Usage: ``python asking.py PORT``; for each number on a line of its standard input it asks for ``/`` so many times and
prints a line. It ends with its standard input.
"""

from __future__ import annotations

import http.client
import sys

if __name__ == "__main__":
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    for line in sys.stdin:
        for _ in range(int(line)):
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        print("asked", flush=True)
