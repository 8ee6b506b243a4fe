"""Blocks on the wire: users whom an account does not want to hear from."""

from msgspec import field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.fields import Name


class Blocks(Reply):
    """The answer to `get_blocks`: the names of the users that the account has blocked."""

    blocked: list[str] = field(default_factory=list)


class Block(Request[Reply], tag="block", kw_only=True):
    """Block a user: nothing of theirs reaches this account, but what they write in common rooms."""

    account_name: Name


class Unblock(Request[Reply], tag="unblock", kw_only=True):
    """End the block of a user."""

    account_name: Name


class GetBlocks(Request[Blocks], tag="get_blocks", kw_only=True):
    """List the users that the account has blocked."""

    answer = Blocks


class BlockChanged(Event, tag="block", kw_only=True):
    """Another device of the account has blocked a user, or ended the block."""

    account_name: str
    blocked: bool
