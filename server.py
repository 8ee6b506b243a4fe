"""Starts a server: `python server.py [-a ADDR] [-p PORT]`, the same as `messenger server`."""

import sys

from messenger.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["server", *sys.argv[1:]]))
