"""Starts a client: `python client.py ADDR [PORT]`, the same as `messenger chat --lines`."""

import sys

from messenger.environment import use_own_environment

if __name__ == "__main__":
    use_own_environment()
    from messenger.__main__ import main

    sys.exit(main(["chat", "--lines", *sys.argv[1:]]))
