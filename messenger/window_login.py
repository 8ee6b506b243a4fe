"""What the administration window beside a server logs in with, from one process to the other."""

import msgspec


class WindowLogin(msgspec.Struct, frozen=True):
    """Where the server listens, the fingerprint of its key, and the token that it accepts once."""

    address: str
    port: int
    fingerprint: str
    token: str

    # A representation may reach a log.
    def __repr__(self) -> str:
        return f"WindowLogin({self.address!r}, {self.port})"

    def to_line(self) -> bytes:
        """Return it as a line, for the standard input of the window's process."""
        return msgspec.json.encode(self) + b"\n"


def read_login(line: str) -> WindowLogin:
    """Return what a line holds; raises ValueError."""
    return msgspec.json.decode(line, type=WindowLogin)
