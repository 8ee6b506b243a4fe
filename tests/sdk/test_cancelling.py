"""Whatever blocks can be cancelled from another thread; what is answered later is stored."""

import asyncio
import inspect
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from messenger.jim.accounts import ListLogins
from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.sdk.backup import back_up, restore
from messenger.sdk.cancelling import Cancellation, raise_if_cancelled
from messenger.sdk.errors import Cancelled
from messenger.sdk.verbs.encryption import AsyncKeys, Keys
from messenger.sdk.verbs.verb import verb
from messenger.ui.first_run import Newcomer, introduce
from tests.running import PASSWORD, RunningServer
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import LyingProxy

BOB = "nobody that is known"
BY_NAME: dict[str, Any] = {
    "account": BOB,
    "code": "",
    "conversation": BOB,
    "device_id": "other",
    "name": BOB,
    "new": "another password",
    "number": 1,
    "old": PASSWORD,
    "reason": "spam",
    "request": ListLogins(),
    "room": "#кафе",
    "start": "a/",
    "topic": "чай",
}
"""An argument for each parameter without a default."""

LOCAL = {
    "agree",
    "approve",
    "cancel_verification",
    "confirm_recovery_code",
    "differ",
    "recover",
    "recover_kept",
    "write_plain",
}
"""Verbs that this device alone can answer, at least for these arguments."""
WAITS = {"wait_until_online", "wait_until_sent"}


def verbs_of(kind: type) -> list[str]:
    return sorted(
        name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name), verb)
    )


ALL = [(False, name) for name in verbs_of(Client)] + [(True, name) for name in verbs_of(Keys)]
ASKING = [(of_keys, verb_name) for of_keys, verb_name in ALL if verb_name not in LOCAL | WAITS]


def called(client: Any, of_keys: bool, name: str) -> Callable[[], Any]:
    """Return a call of the verb with all arguments that it needs."""
    method = getattr(client.keys if of_keys else client, name)
    needed = {
        one.name: BY_NAME[one.name]
        for one in inspect.signature(method).parameters.values()
        if one.default is one.empty
    }
    return lambda: method(**needed)


class Blocked:
    """A call in another thread, with what it ended with."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.cancellation = Cancellation()
        self.ended: object = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self.cancellation:
                self.ended = self._call()
        except Exception as error:
            self.ended = error

    def cancel(self) -> object:
        """Cancel it; return what it ended with."""
        assert self._thread.is_alive()
        self.cancellation.cancel()
        self._thread.join(5)  # A verb that nobody cancels waits for 30 seconds.
        assert not self._thread.is_alive()
        return self.ended


@pytest.fixture
def ann(person: People, liar: LyingProxy, name: Names) -> Person:
    made = person(name("ann"), liar.port)
    has_older(made)
    return made


def has_older(client: Any) -> None:
    """Let a client believe that the server has older messages of a conversation."""
    client.store.describe(BOB, first=500)


@pytest.fixture
def withheld(liar: LyingProxy) -> Iterator[list[Any]]:
    """What a server says that lets nobody hear it."""
    kept: list[Any] = []

    def withhold(frame: Any) -> list[Any]:
        kept.append(frame)
        return []

    liar.lie = withhold
    yield kept
    liar.lie = lambda frame: [frame]


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_each_verb_that_waits_for_a_reply_can_be_cancelled(
    ann: Person, liar: LyingProxy, withheld: list[Any]
) -> None:
    for of_keys, verb_name in ASKING:
        before = len(liar.overheard)
        blocked = Blocked(called(ann, of_keys, verb_name))
        wait(lambda before=before: len(liar.overheard) > before)

        assert isinstance(blocked.cancel(), Cancelled), verb_name


def test_each_verb_that_is_cancelled_before_does_nothing(ann: Person, liar: LyingProxy) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    wait(lambda: ann.wait_until_sent(0))

    for of_keys, verb_name in ALL:
        with pytest.raises(Cancelled), cancellation:
            called(ann, of_keys, verb_name)()
    assert not {"rooms", "logins", "whois"} & {one.get("action") for one in liar.overheard}


def test_what_waits_for_a_state_can_be_cancelled(
    ann: Person, withheld: list[Any], silent: int
) -> None:
    ann.send_text("#all", "waits")
    assert isinstance(Blocked(ann.wait_until_sent).cancel(), Cancelled)

    client = Client("127.0.0.1", silent, Credentials("Иван"), Store())
    client.start()
    assert isinstance(Blocked(client.wait_until_online).cancel(), Cancelled)
    client.close()


def test_a_reply_after_that_counts_nevertheless(
    ann: Person, liar: LyingProxy, withheld: list[Any], name: Names
) -> None:
    room = f"#{name('room')}"
    blocked = Blocked(lambda: ann.join(room))
    wait(lambda: withheld)
    assert isinstance(blocked.cancel(), Cancelled)

    liar.lie = lambda frame: [frame]
    for frame in withheld:
        liar.say(frame)

    assert ann.name in [one.account_name for one in ann.members(room)]
    # The room's id is stored once the server has confirmed it.
    assert ann.core.encryption.rooms.unique(room)


def test_a_thread_that_has_left_it_is_not_cancelled(ann: Person) -> None:
    cancellation = Cancellation()
    with cancellation:
        ann.logins()
    cancellation.cancel()

    assert ann.logins()


def test_one_that_is_entered_within_another_leaves_that_one_its_effect(
    ann: Person, withheld: list[Any]
) -> None:
    def ask_within_another() -> object:
        with Cancellation():
            return ann.logins()

    blocked = Blocked(ask_within_another)
    wait(lambda: withheld)

    assert isinstance(blocked.cancel(), Cancelled)


def test_threads_that_have_entered_the_same_one_leave_it_in_any_order() -> None:
    cancellation = Cancellation()
    entered, left = threading.Event(), threading.Event()

    def enter_later() -> None:
        with cancellation:
            entered.set()
            left.wait()

    later = threading.Thread(target=enter_later)
    with cancellation:
        later.start()
        entered.wait()
    left.set()
    later.join()

    raise_if_cancelled()
    cancellation.cancel()
    raise_if_cancelled()  # This thread has left it.


def test_a_login_that_is_tried_can_be_cancelled(silent: int) -> None:
    newcomer = Newcomer("127.0.0.1", silent, Credentials("Иван"))

    assert isinstance(Blocked(lambda: introduce(newcomer, Store())).cancel(), Cancelled)


def test_a_backup_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    store, other, file = Store(tmp_path / "ann.db"), Store(tmp_path / "other.db"), tmp_path / "file"
    store.put("identity", "keys")
    other.put("identity", "others")
    cancellation = Cancellation()

    def cancel(_done: int, _of: int) -> None:
        cancellation.cancel()

    with pytest.raises(Cancelled), cancellation:
        back_up(store, file, "open sesame", cancel)
    assert sorted(tmp_path.glob("file*")) == []

    back_up(store, file, "open sesame", lambda *_: None)
    cancellation = Cancellation()
    with pytest.raises(Cancelled), cancellation:
        restore(file, "open sesame", other, cancel)
    assert other.get("identity") == "others"


# --- on asyncio ---------------------------------------------------------------------------------


def test_each_verb_on_asyncio_is_cancelled_with_its_task(
    one_server: RunningServer, liar: LyingProxy, name: Names
) -> None:
    problems: list[dict[str, Any]] = []

    async def cancel_each() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: problems.append(context))
        credentials = Credentials(name("bob"), PASSWORD, register=True)
        async with AsyncClient("127.0.0.1", liar.port, credentials, Store()) as bob:
            assert await bob.wait_until_online(60)
            has_older(bob)
            running = asyncio.all_tasks()
            liar.lie = lambda _frame: []
            for of_keys, verb_name in ASKING:
                await cancelled(called(bob, of_keys, verb_name)(), liar)
            liar.lie = lambda frame: [frame]
            assert asyncio.all_tasks() == running

    asyncio.run(cancel_each())

    assert problems == []


async def cancelled(waiting: Any, liar: LyingProxy) -> None:
    before = len(liar.overheard)
    task = asyncio.ensure_future(waiting)
    async with asyncio.timeout(60):
        while len(liar.overheard) == before:
            await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


def test_the_verbs_of_both_clients_are_walked() -> None:
    assert verbs_of(AsyncClient) == verbs_of(Client)
    assert verbs_of(AsyncKeys) == verbs_of(Keys)
    assert {verb_name for _of_keys, verb_name in ALL} >= LOCAL | WAITS
