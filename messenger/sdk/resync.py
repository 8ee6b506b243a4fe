"""Fetching missed messages: all after the last stored sequence number of each conversation."""

from collections.abc import Callable, Sequence

from messenger.jim.errors import ProtocolError
from messenger.jim.history import (
    ConversationsPage,
    GetHistory,
    HistoryPage,
    ListConversations,
    Summary,
)
from messenger.jim.messages import Message, SendReceipt
from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption import Encryption
from messenger.sdk.events import (
    ConversationChanged,
    CoreEvent,
    Emptiness,
    MessageChanged,
    MessageReceived,
    MessagesLost,
)
from messenger.sdk.link import Answer, Ask
from messenger.sdk.log_check import LogCheck
from messenger.sdk.store import Store
from messenger.sdk.store.rollback import go_back, is_another, last_in_common

_PAGE = 100


class Resync:
    """Stores messages in order, each once; a gap in their numbers is fetched from the server.

    Of a new conversation the last page is fetched, the rest on demand; a store in memory begins
    with the next message. Messages that arrive before their keys, or before the list that tells
    which room they are from, wait for these. Where it `holds_back`, all wait for `start`: their
    keys are fetched before. It has more methods than other classes: one for each step of a message.
    """

    def __init__(
        self,
        store: Store,
        encryption: Encryption,
        ask: Ask,
        tell: Callable[[CoreEvent], None],
        me: str,
    ) -> None:
        self._store = store
        self._encryption = encryption
        self._ask = ask
        self._tell = tell
        self._me = me
        self._backlog = _PAGE if store.lasting else 0
        self._fetching: set[str] = set()
        self._wanted: dict[str, int] = {}
        self._listing = False
        self._summaries: list[Summary] = []
        self.holds_back = False
        self._early: list[Message] = []
        self._check = LogCheck(store, self._look_again)

    def expect(self, log: str) -> bool:
        """Take the id of the server's log; tell whether that is another log than before.

        Then everything is compared after the next `start`, and messages wait for it.
        """
        return self._check.begin(log)

    def tick(self) -> None:
        """Do what is due."""
        self._check.tick()

    def start(self) -> None:
        """Ask for the state of all conversations, and fetch missed messages."""
        self._fetching.clear()
        self._wanted.clear()
        self.holds_back = False
        self.look()
        self.take_early()

    def look(self) -> None:
        """Ask for the state of all conversations: there may be a new one."""
        self._listing = True
        self._summaries.clear()
        self._ask(ListConversations(), self._listed)

    def begin_anew(self, conversation: str) -> None:
        """Another room has the name now: fetch its messages."""
        self._tell(ConversationChanged(conversation))
        if not self._listing:
            self.look()

    def why_empty(self, conversation: str, is_guest: bool, keeps_log: bool) -> Emptiness:
        """Return why no messages of a conversation are stored; `keeps_log` is about the server."""
        waits = self._listing or conversation in self._wanted
        if keeps_log and (waits or self._store.get("listed") is None):
            return Emptiness.LOADING
        if is_room(conversation) and (is_guest or not keeps_log):
            return Emptiness.HIDDEN
        row = self._store.summary(conversation)
        return Emptiness.OLDER if row is not None and row.first > 1 else Emptiness.EMPTY

    def stop(self) -> None:
        """The connection is gone."""
        self._fetching.clear()
        self._wanted.clear()
        self._listing = self.holds_back = False
        self._early.clear()
        self._check.stop()

    def arrived(self, messages: Sequence[Message]) -> None:
        """Process messages that the server has delivered without a request, in order."""
        if self.holds_back or self._encryption.inbox.is_fetching:
            self._early += messages  # Their keys may be in to-device messages on their way.
            return
        runs: dict[str, list[Message]] = {}
        for message in messages:
            runs.setdefault(message.conversation(self._me), []).append(message)
        for conversation, run in runs.items():
            self._arrived_in(conversation, run)

    def _arrived_in(self, conversation: str, run: list[Message]) -> None:
        """Process messages of one conversation: those that continue its log are stored together."""
        if self._listing and is_room(conversation) and conversation != EVERYONE:
            self._early += run  # The list tells which room of that name they are from.
            return
        if self._check.is_pending(conversation):
            self._early += run
            # The list may have lacked it: a room that the user joined only now.
            if not self._listing:
                self._check.add(conversation)
            return
        start = 0
        while start < len(run):
            end = start + 1
            if run[start].seq:
                while end < len(run) and self._continues(conversation, run[end - 1], run[end]):
                    end += 1
                self._place(conversation, run[start:end])
            else:
                self._keep_unnumbered(conversation, run[start])
            start = end

    @staticmethod
    def _continues(conversation: str, before: Message, message: Message) -> bool:
        """Whether a message is the next one of the log; in a direct chat also of the same person.

        There `_place` notes by the first one whether the peer is a guest.
        """
        is_same = (message.from_, message.guest) == (before.from_, before.guest)
        return message.seq == before.seq + 1 and (is_same or is_room(conversation))

    def _keep_unnumbered(self, conversation: str, message: Message) -> None:
        stored = self._encryption.incoming.keep_unnumbered(conversation, message)
        if stored is not None:
            self._tell(MessageReceived(stored))

    def _place(self, conversation: str, messages: list[Message]) -> None:
        """Store messages that follow each other, if they follow the stored ones."""
        first, last = messages[0], messages[-1]
        if first.from_ != self._me and not is_room(conversation):
            self._note_guest(conversation, guest=self._is_guest(conversation, first.guest))
        synced = self._begin(conversation, first.seq - 1)
        # Another message with a stored number: the server was restored from a backup.
        if first.seq <= synced and self._is_another(conversation, first):
            self._go_back(conversation, first.seq - 1)
            synced = self._begin(conversation, first.seq - 1)
        if first.seq <= synced < last.seq:
            self._place(conversation, messages[synced + 1 - first.seq :])
        elif first.seq == synced + 1:
            self._take(conversation, messages)
        elif first.seq > synced:
            self._want(conversation, last.seq)

    def _listed(self, answer: Answer) -> None:
        if not isinstance(answer, ConversationsPage):
            self._listing = False
            self.take_early()
            return
        self._summaries += answer.conversations
        if answer.next is not None:
            self._ask(ListConversations(after=answer.next), self._listed)
            return
        summaries, self._summaries = self._summaries, []
        accounts = {one.conversation for one in summaries if not one.guest}
        for summary in summaries:
            # A guest who has registered is listed twice: the guest's chat is over.
            if not (summary.guest and summary.conversation in accounts):
                self._compare(summary)
        self._end_unlisted({one.conversation for one in summaries})
        self._store.put("listed", "1")
        self._listing = False
        self.take_early()

    def _end_unlisted(self, listed: set[str]) -> None:
        """Take the numbers from direct chats that a restored server does not know any more."""
        for name in self._check.pending():
            if not is_room(name) and name not in listed:
                self._check.drop(name)
                self._go_back(name, 0)

    def take_early(self) -> None:
        """Process the messages that waited, if what they waited for has arrived."""
        early, self._early = self._early, []
        self.arrived(early)

    def _is_guest(self, account: str, said: bool) -> bool:
        """Tell whether this is a guest, as the server has `said`: only accounts have keys.

        Never a room: a lying server could close it by that.
        """
        if not said or is_room(account):
            return False
        keys = self._encryption.keys
        return keys.identity_of(account) is None and not keys.devices_of(account)

    def _note_guest(self, conversation: str, *, guest: bool) -> None:
        """Note whether the peer is a guest; close a guest's chat if the name is an account now."""
        was_guest = self._store.is_guests(conversation)
        if was_guest and not guest:
            self._store.close_part(conversation, self._me)
            self._tell(ConversationChanged(conversation))
        elif was_guest is not guest:
            self._store.describe(conversation, guest=guest)

    def _compare(self, summary: Summary) -> None:
        name = summary.conversation
        # First: if another room has the name now, all that follows is about that one.
        self._encryption.rooms.learn(name, summary.unique_id)
        guest = self._is_guest(name, summary.guest)
        known = self._store.summary(name)
        if known is not None and known.guest and not guest:
            self._note_guest(name, guest=False)
            known = None
        self._store.describe(
            name,
            delivered=summary.delivered,
            read=summary.read,
            topic=summary.topic,
            guest=guest,
            history=summary.history,
        )
        if summary.encrypted:
            self._encryption.plain.note_encrypted(name)
        for read in self._store.set_receipts(name, summary.peer_delivered, summary.peer_read):
            self._tell(MessageChanged(read))
        self._tell(ConversationChanged(name))
        synced = self._begin(name, summary.last)
        if self._check.is_pending(name):
            self._check.add(name)
        elif summary.last > synced:
            self._want(name, summary.last)
        elif summary.last < synced:
            self._look_again(name)
        if known is not None and known.read > summary.read:
            # Read while offline.
            self._ask(SendReceipt(conversation=name, read=known.read), lambda _: None)

    def _look_again(self, conversation: str) -> None:
        """Find the last message in common: the server may have been restored from a backup."""
        synced = self._store.synced(conversation)

        def seen(answer: Answer) -> None:
            if isinstance(answer, HistoryPage):
                compared(answer)
            self._check.compared(conversation, answer)
            if not self._listing:
                self.take_early()

        def compared(answer: HistoryPage) -> None:
            # The server has removed for their age what could be compared: the numbers go on.
            common = min(synced, answer.last)
            if answer.messages:
                with self._store.transaction() as connection:
                    common = last_in_common(connection, conversation, answer.messages)
            if common < synced:
                self._go_back(conversation, common)
            if answer.last > self._store.synced(conversation):
                self._want(conversation, answer.last)

        self._ask(GetHistory(conversation=conversation, before=synced + 1, limit=_PAGE), seen)

    def _is_another(self, conversation: str, message: Message) -> bool:
        with self._store.transaction() as connection:
            return is_another(connection, conversation, message)

    def _go_back(self, conversation: str, last: int) -> None:
        row = self._store.summary(conversation)
        if row is not None and row.guest:
            # Guests' names are free for all: this is another guest's chat.
            self._store.close_part(conversation, self._me)
            self._tell(ConversationChanged(conversation))
            return
        with self._store.transaction() as connection:
            go_back(connection, conversation, self._me, last)
        self._tell(MessagesLost(conversation))
        self._tell(ConversationChanged(conversation))

    def _begin(self, conversation: str, last: int) -> int:
        """Create the conversation if it is new; return its last stored sequence number."""
        synced = self._store.synced(conversation)
        if synced == 0 and last > self._backlog:
            # Messages that wait for the list came live: they are not of the backlog.
            live = [one.seq for one in self._early if one.conversation(self._me) == conversation]
            synced = min([last - self._backlog, *(seq - 1 for seq in live if seq)])
            self._store.begin_at(conversation, synced)
        return synced

    def _want(self, conversation: str, up_to: int) -> None:
        self._wanted[conversation] = max(up_to, self._wanted.get(conversation, 0))
        if conversation not in self._fetching:
            self._fetch(conversation)

    def _fetch(self, conversation: str) -> None:
        self._fetching.add(conversation)
        synced = self._store.synced(conversation)
        # With the last stored message: only if that is the same, both logs agree so far.
        request = GetHistory(conversation=conversation, after=max(0, synced - 1), limit=_PAGE)
        self._ask(request, lambda answer: self._fetched(conversation, answer))

    def _fetched(self, conversation: str, answer: Answer) -> None:
        self._fetching.discard(conversation)
        if not isinstance(answer, HistoryPage):
            # A request that was refused would be refused again.
            if isinstance(answer, ProtocolError):
                self._wanted.pop(conversation, None)
            return
        synced = self._store.synced(conversation)
        if any(self._is_another(conversation, message) for message in answer.messages[:1]):
            self._wanted.pop(conversation, None)
            self._look_again(conversation)
            return
        new = [message for message in answer.messages if message.seq > synced]
        self._take(conversation, new)
        wanted = max(answer.last, self._wanted.get(conversation, 0))
        # A page without new messages would be requested for ever.
        if new and self._store.synced(conversation) < wanted:
            self._fetch(conversation)
        else:
            self._wanted.pop(conversation, None)

    def _take(self, conversation: str, messages: list[Message]) -> None:
        for stored in self._encryption.incoming.keep(conversation, messages):
            self._tell(MessageReceived(stored))
        # The user's own messages, from another device, need no receipt.
        if any(message.from_ != self._me for message in messages):
            last = messages[-1].seq
            self._store.describe(conversation, delivered=last)
            self._ask(SendReceipt(conversation=conversation, delivered=last), lambda _: None)
