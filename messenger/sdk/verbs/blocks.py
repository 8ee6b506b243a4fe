"""Verbs against unwanted people: block them, report them to the server's administrators."""

from collections.abc import Sequence

from messenger.jim.blocks import Block, GetBlocks, Unblock
from messenger.jim.reports import Report, ReportedMessage
from messenger.sdk.store import StoredMessage
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class BlockVerbs(Shell):
    """Verbs against unwanted people; they raise as `ask` does.

    `people.blocked` has the names that are blocked, without a request and offline, too.
    """

    @verb
    async def block(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Block a user: nothing of theirs arrives any more, but what they write in common rooms.

        The account's other devices follow (`BlocksChanged`). A message of the user to them is
        refused until `unblock`. Raises NotFound if there is no such user.
        """
        await self._ask(Block(account_name=name), timeout)

    @verb
    async def unblock(self, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """End the block of a user; raises NotFound if they are not blocked."""
        await self._ask(Unblock(account_name=name), timeout)

    @verb
    async def blocked(self, timeout: float = ANSWER_TIMEOUT) -> list[str]:
        """Return the names of the users who are blocked, by one request."""
        return (await self._ask(GetBlocks(), timeout)).blocked

    @verb
    async def report(
        self,
        account: str = "",
        *,
        room: str = "",
        reason: str,
        messages: Sequence[StoredMessage] = (),
        timeout: float = ANSWER_TIMEOUT,
    ) -> str:
        """Report an account, a room, or an account in a room to the server's administrators.

        They get the `messages` in clear text, which the server itself cannot read: pass those that
        the user has chosen to show. At most 50, and a reason of 1,000 characters. Returns what the
        server says of it, if anything: it may have stored the report without the messages. Raises
        TooMany if the user has reported too often.
        """
        shown = [
            ReportedMessage(
                conversation=message.conversation,
                seq=max(0, message.seq or 0),
                from_=message.sender,
                time=message.shown_time,
                text=message.text,
            )
            for message in messages
        ]
        request = Report(account_name=account, room=room, reason=reason, messages=shown)
        return str((await self._ask(request, timeout)).alert or "")
