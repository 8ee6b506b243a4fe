"""Verbs for the list of conversations, and for drafts, pins and mutes, which devices share."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from messenger.sdk.encryption.account_data import SharedAccountData
from messenger.sdk.store import ConversationSummary
from messenger.sdk.verbs.shell import Shell


class ConversationVerbs(Shell):
    """Verbs for conversations; they work offline.

    None waits for the database. What is set is read from then on, is stored within moments, and
    shared, encrypted, with the account's other devices. A guest, an unapproved device and a plain
    server have nobody to share with: it stays on this device.
    """

    def summaries(self, names: Sequence[str] | None = None) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, or of those of `names`, in its order.

        Pinned ones come first, then those with the latest message. `SummariesChanged` brings what
        changes afterwards.
        """
        return self._summaries.read(names)

    @property
    def _account_data(self) -> SharedAccountData:
        # Another object after this device was removed: always that of now.
        return self.core.encryption.account_data

    def set_draft(self, conversation: str, text: str) -> None:
        """Store what the user has typed; an empty text deletes the draft.

        Call it as often as you like: the draft is shared once the user pauses for some seconds.
        """
        self._set(
            lambda: self._account_data.set_draft(conversation, text), conversation, draft=text
        )

    def drafts(self) -> dict[str, str]:
        """Return the drafts, by conversation."""
        return self.store.drafts()

    def share_drafts(self) -> None:
        """Share drafts now; call it when the user leaves a conversation or the program."""

        def share() -> None:
            self._account_data.share_drafts()

        self._soon(share)

    def pin(self, conversation: str, *, pinned: bool = True) -> None:
        """Pin a conversation to the top of the list, or unpin it."""
        self._set(
            lambda: self._account_data.pin(conversation, pinned=pinned), conversation, pinned=pinned
        )

    def mute(self, conversation: str, until: float = inf) -> None:
        """Mute a conversation until then (unix time), by default for good; 0 unmutes it."""
        self._set(
            lambda: self._account_data.mute(conversation, until), conversation, muted_until=until
        )

    def _set(self, store: Callable[[], None], conversation: str, **values: Any) -> None:
        stored = self.store.queued_settings.add(conversation, **values)

        def do() -> None:
            try:
                store()
            finally:  # What could not be stored is not shown any more.
                stored()
                self._summaries.note(conversation)

        self._soon(do)
