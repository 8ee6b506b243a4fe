"""A server that is played to a core: bytes of requests in, bytes of answers out, no socket."""

import contextlib
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import UNSET, structs

from messenger.jim.accounts import Register
from messenger.jim.base import Reply, Request
from messenger.jim.codec import decode_request, encode, refusal
from messenger.jim.contacts import GetContacts, People
from messenger.jim.errors import OutOfOrder, ProtocolError
from messenger.jim.framing import Framer
from messenger.jim.history import (
    ConversationsPage,
    GetHistory,
    HistoryPage,
    ListConversations,
    Summary,
)
from messenger.jim.messages import Message, SendMessage, Stored
from messenger.jim.session import FEATURES, VERSION, Authenticate, Presence, SizeLimits, Welcome
from messenger.sdk.core import Core
from messenger.sdk.credentials import Credentials
from messenger.sdk.events import MessageReceived
from messenger.sdk.store import Store

ME = "Иван"
PLAIN = tuple(feature for feature in FEATURES if feature != "encryption")
"""What a server has to say that it knows, so that nothing is encrypted."""

Answer = Callable[[Any], Reply | ProtocolError | None]


class PlayedServer:
    """Answers as the real one does, but for what a test puts into `answers`.

    An answer may be an error, returned or raised; None is none at all. What is not there succeeds.

    `logs` are conversations by name, as `core` knows them, and `requests` what it has asked. Up to
    the number in `removed`, messages of a conversation were removed for their age.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.now = 0.0
        self.requests: list[Request[Any]] = []
        self.logs: dict[str, list[Message]] = {}
        self.removed: dict[str, int] = {}
        self.summaries: dict[str, Summary] = {}
        self.answers: dict[type, Answer] = {
            Authenticate: lambda _: self.welcome(),
            Presence: lambda _: self.welcome(),
            Register: lambda _: Reply(201),
            GetContacts: lambda _: People(200, contacts=[]),
            ListConversations: self._list,
            GetHistory: self._history,
            SendMessage: self._store,
        }
        self._framer = Framer()
        self._waiting: deque[Request[Any]] = deque()
        self._last_sent: dict[str, str] = {}

    def connect(self, certificate: bytes = b"") -> "PlayedServer":
        """Let the core greet, and answer everything that follows."""
        self._framer = Framer()
        self._waiting.clear()
        self._last_sent.clear()
        self.core.connecting()
        self.core.connected(self.now, certificate)
        self.run()
        return self

    def run(self) -> None:
        """Answer what the core has asked, in order, until it asks nothing more.

        What is not answered keeps back what was asked after it; `run` tries again.
        """
        self._read()
        while self._waiting:
            request = self._waiting[0]
            answer = self._answer_to(request)
            if answer is None:
                return
            self._waiting.popleft()
            self._tell(structs.replace(_reply(answer), id=request.id))
            self._read()

    def _answer_to(self, request: Request[Any]) -> Reply | ProtocolError | None:
        try:
            return self.answers.get(type(request), _success)(request)
        except ProtocolError as error:
            return error

    def _read(self) -> None:
        for frame in self._framer.feed(self.core.data_to_send()):
            request: Any = decode_request(frame)
            self.requests.append(request)
            self._waiting.append(request)

    def _tell(self, one: Any) -> None:
        self.core.received(encode(one) + b"\n", self.now)

    def say(self, *told: Any) -> None:
        """Tell the core something, and answer what it asks then."""
        for one in told:
            self._tell(one)
        self.run()

    def pass_time(self, seconds: float) -> bool:
        """Let so many seconds pass; tell whether the core takes the connection for alive."""
        self.now += seconds
        alive = self.core.tick(self.now)
        self.run()
        return alive

    def asked(self, kind: type) -> list[Any]:
        """Return the requests of this kind, and forget all."""
        found = [request for request in self.requests if isinstance(request, kind)]
        self.requests.clear()
        return found

    def write(self, conversation: str, text: str, sender: str = "", **changes: Any) -> Message:
        """Have somebody write, without telling; return what there is to tell."""
        log = self.logs.setdefault(conversation, [])
        to = conversation if conversation.startswith("#") else ME
        made = Message(len(log) + 1, to, sender or conversation, text, seq=len(log) + 1)
        log.append(structs.replace(made, **changes))
        return log[-1]

    @staticmethod
    def welcome(**changes: Any) -> Welcome:
        """Return the welcome of a server of ours, without encryption."""
        made = Welcome(200, jim=VERSION, features=PLAIN, limits=SizeLimits(65536, 2000, 1000))
        return structs.replace(made, **changes)

    def _list(self, _request: ListConversations) -> ConversationsPage:
        return ConversationsPage(200, conversations=[self.summary(name) for name in self.logs])

    def summary(self, name: str) -> Summary:
        """Return where the user stands in a conversation."""
        return structs.replace(self.summaries.get(name, Summary(name)), last=self._last(name))

    def _history(self, request: GetHistory) -> HistoryPage:
        up_to = self.removed.get(request.conversation, 0)
        log = [one for one in self.logs.get(request.conversation, []) if one.seq > up_to]
        if request.after is not None:
            page = [one for one in log if one.seq > request.after][: request.limit]
        else:
            page = [one for one in log if one.seq < (request.before or 0)][-request.limit :]
        last = self._last(request.conversation)
        return HistoryPage(200, conversation=request.conversation, messages=page, last=last)

    def _last(self, conversation: str) -> int:
        return max((one.seq for one in self.logs.get(conversation, [])), default=0)

    def _store(self, request: SendMessage) -> Stored:
        after, before = request.after, self._last_sent.get(request.to)
        is_known = request.id in [one.id for one in self.logs.get(request.to, [])]
        if after is not UNSET and after != before and not is_known:
            raise OutOfOrder("The one before is missing")
        self._last_sent[request.to] = str(request.id)
        with contextlib.suppress(StopIteration):
            log = self.logs.get(request.to, [])
            return Stored(200, seq=next(one.seq for one in log if one.id == request.id))
        to, sent_id = request.to, str(request.id)
        made = self.write(request.to, request.message, ME, to=to, id=sent_id, time=request.time)
        return Stored(200, seq=made.seq)


def _success(request: Request[Any]) -> Reply:
    reply: Reply = request.answer(200)
    return reply


def _reply(answer: Reply | ProtocolError) -> Reply:
    return refusal(answer) if isinstance(answer, ProtocolError) else answer


def played(store: Store | None = None, password: str | None = "the password") -> PlayedServer:
    """Return a core of Ivan's, offline, and what plays its server; without a password a guest's."""
    return PlayedServer(Core(store or Store(), Credentials(ME, password), program="tests"))


def texts(server: PlayedServer, conversation: str) -> list[str]:
    """Return what the core has of a conversation."""
    return [message.text for message in server.core.store.page(conversation, limit=1000)]


def on_plain_server(password: str | None = None) -> PlayedServer:
    """Play a server that knows the reference only."""
    server = played(password=password)
    for greeting in (Authenticate, Presence):
        server.answers[greeting] = lambda _: Reply(200)
    server.answers[GetContacts] = lambda _: Reply(200, alert="['名前']")
    return server


@contextlib.contextmanager
def lasting() -> Iterator[PlayedServer]:
    """Play a server to a core that keeps messages in a file."""
    with tempfile.TemporaryDirectory(prefix="a b%41 ") as directory:
        store = Store(Path(directory) / "messages.db")
        yield played(store).connect()
        store.close()


def received(server: PlayedServer) -> list[str]:
    """Return the texts of the messages that were told since the last time."""
    told = server.core.events()
    return [event.message.text for event in told if isinstance(event, MessageReceived)]
