"""Reports on the wire: what a user asks the server's administrators to look at."""

from typing import Annotated

from msgspec import Meta, Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number


class ReportedMessage(Struct, omit_defaults=True, kw_only=True):
    """A message that a reporter shows, as the reporter's client has it.

    `conversation` is its name for the reporter, `time` when it was written, unix time. The server
    cannot read an encrypted text: that it is what the sender wrote is the reporter's claim.
    """

    conversation: Name
    seq: Number
    from_: Name = field(name="from")
    time: float = 0
    text: str

    # A representation may reach a log, where no text of a user belongs.
    def __repr__(self) -> str:
        return f"ReportedMessage({self.conversation!r}, seq={self.seq})"


class Report(Request[Reply], tag="report", kw_only=True):
    """Report an account, a room, or an account for what it does in a room, to the administrators.

    They see the reporter's name, the `reason` and these messages, and nothing else.
    """

    nul_allowed = Request.nul_allowed | {"messages"}
    account_name: Name = ""
    room: Name = ""
    reason: Annotated[str, Meta(max_length=1_000)]
    messages: Annotated[list[ReportedMessage], Meta(max_length=50)] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Report({self.account_name!r}, {self.room!r})"
