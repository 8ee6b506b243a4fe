"""A real client at a real server that records received messages."""

from collections.abc import Callable

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import ApprovalChanged, DeviceAppeared, VerificationChanged
from messenger.sdk.key_states import Approval, ApprovalState, VerificationState
from messenger.sdk.store import ConversationSummary, StoredMessage
from tests.running import PASSWORD
from tests.running import until as wait

__all__ = ["Names", "People", "Person", "approvals", "shown", "told", "wait"]

Names = Callable[[str], str]


class Person(Client):
    """A client that records received messages."""

    def __init__(self, name: str, port: int, store: Store, *, register: bool = True) -> None:
        super().__init__("127.0.0.1", port, Credentials(name, PASSWORD, register=register), store)
        self.name = name
        self.appeared: list[str] = []
        self.on(DeviceAppeared)(lambda event: self.appeared.append(event.account))
        self.start()
        assert self.wait_until_online(60)

    def heard(self, conversation: str) -> list[str]:
        """Return the decrypted messages of others in a conversation."""
        return [message.text for message in self.all(conversation) if message.sender != self.name]

    def all(self, conversation: str) -> list[StoredMessage]:
        """Return every message of a conversation."""
        return self.store.page(conversation, limit=10_000)

    def row(self, conversation: str) -> ConversationSummary:
        """Return what the list of conversations shows of one, as soon as it is stored."""
        wait(lambda: self.store.summary(conversation) is not None)
        found = self.store.summary(conversation)
        assert found is not None
        return found

    def last(self, conversation: str) -> StoredMessage:
        """Return the last message of a conversation."""
        return self.all(conversation)[-1]


People = Callable[..., Person]


def approvals(client: Client, state: ApprovalState) -> list[Approval]:
    """Return a list that fills whenever the client's device comes into this state."""
    seen: list[Approval] = []

    @client.on(ApprovalChanged)
    def _take(event: ApprovalChanged) -> None:
        if event.approval.state is state:
            seen.append(event.approval)

    return seen


def shown(client: Client) -> list[tuple[int, ...]]:
    """Return a list that fills with the emoji that the client's user is to compare."""
    seen: list[tuple[int, ...]] = []

    @client.on(VerificationChanged)
    def _take(event: VerificationChanged) -> None:
        if event.verification.state is VerificationState.EMOJI_SHOWN:
            seen.append(event.verification.emoji)

    return seen


def told(client: Client, event: type) -> list[object]:
    """Return a list that fills with the client's events of this type."""
    heard: list[object] = []
    client.on(event)(heard.append)
    return heard
