"""Starts a client: `python client.py ADDR [PORT]`, the same as `messenger chat --lines`."""

import sys

from messenger.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["chat", "--lines", *sys.argv[1:]]))
