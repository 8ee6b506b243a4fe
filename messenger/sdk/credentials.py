"""Credentials: the name and password that log an account in."""

from typing import NamedTuple


class Credentials(NamedTuple):
    """The account to log in; without a password (and token) a guest.

    `register` creates the account first; `invite` is the token of an invitation. `reset_code` is a
    code from an administrator: it first makes the password that of the account, in place of one
    that was forgotten.
    """

    name: str
    password: str | None = None
    register: bool = False
    invite: str | None = None
    reset_code: str | None = None
