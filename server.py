"""Starts a server: `python server.py [-a ADDR] [-p PORT]`, the same as `messenger server`."""

import sys

from messenger.environment import use_own_environment

if __name__ == "__main__":
    use_own_environment()
    from messenger.__main__ import main

    sys.argv.insert(1, "server")
    sys.exit(main())
