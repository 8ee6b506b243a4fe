"""A guest who registers, and a device that was removed: what ends, and what begins."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from messenger.jim.accounts import Logout
from messenger.jim.errors import DeviceRemoved, Forbidden, NotFound, WrongPassword
from messenger.jim.rooms import Join
from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.changes import DevicesSeen
from messenger.sdk.errors import LoginEnded
from messenger.sdk.events import (
    CoreEvent,
    DeviceAppeared,
    MessagesLost,
    MessagesMissing,
    StateChanged,
)
from messenger.sdk.key_states import ApprovalState
from messenger.sdk.profiles import Profiles
from messenger.sdk.store import MessageSecurity, MessageState
from tests.running import PASSWORD, RunningServer, running
from tests.sdk.person import wait


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


class Someone(Client):
    """A client that remembers what it was told."""

    def __init__(self, server: RunningServer, store: Store, credentials: Credentials) -> None:
        super().__init__("127.0.0.1", server.port, credentials, store)
        self.told: list[object] = []
        for event in (MessagesLost, MessagesMissing, StateChanged):
            self.on(event)(self.told.append)

    def of(self, event: type) -> list[object]:
        """Return the events of this type so far."""
        return [one for one in self.told if isinstance(one, event)]

    def said(self, conversation: str) -> list[str]:
        return [one.text for one in self.store.page(conversation, limit=100)]


@contextmanager
def online(
    server: RunningServer, file: Path | None, name: str, password: str | None = None, **more: bool
) -> Iterator[Someone]:
    store = Store(file)
    client = Someone(server, store, Credentials(name, password, **more))
    client.start()
    assert client.wait_until_online(60)
    yield client
    client.close()
    store.close()


# --- a guest who registers ----------------------------------------------------------------------


@pytest.mark.parametrize("first", ["guest", "other"])
def test_a_guest_who_registers_goes_on_and_nobody_is_accused(
    server: RunningServer, tmp_path: Path, first: str
) -> None:
    """Whoever writes first then, and even though the server's numbers start again."""
    eve, root = {"guest": "гостья", "other": "странница"}[first], f"名前 {first}"
    file = tmp_path / "eve.db"
    with online(server, tmp_path / "root.db", root, PASSWORD, register=True) as other:
        with online(server, file, eve) as guest:
            for number in range(3):
                guest.send_text(root, f"guest {number}")
            wait(lambda: len(other.said(eve)) == 3)
            other.send_text(eve, "answer")
            wait(lambda: "answer" in guest.said(root))
            assert guest.wait_until_sent(10)
            guest.mark_read(root)
        with online(server, file, eve, PASSWORD, register=True) as account:
            writers = [(account, root, "from eve"), (other, eve, "from root")]
            for writer, to, text in writers if first == "guest" else writers[::-1]:
                writer.send_text(to, text)
                assert writer.wait_until_sent(15)
            new = [text for _writer, _to, text in writers]
            new = new if first == "guest" else new[::-1]
            for one, name in ((account, root), (other, eve)):
                wait(lambda one=one, name=name: set(new) <= set(one.said(name)))
                expected = ["guest 0", "guest 1", "guest 2", "answer", *new]
                assert one.said(name) == expected
                states = [message.state for message in one.store.page(name)]
                assert MessageState.FAILED not in states
                assert one.of(MessagesLost) == one.of(MessagesMissing) == []
                row = one.store.summary(name)
                assert row is not None
                assert (row.synced, row.guest) == (2, False)
            locks = [message.security for message in account.store.page(root)]
            assert locks == [MessageSecurity.UNENCRYPTED] * 4 + [MessageSecurity.ENCRYPTED] * 2


def test_what_a_guest_could_not_send_goes_out_as_the_account(
    server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "guest.db"
    with online(server, tmp_path / "root.db", "読者", PASSWORD, register=True) as root:
        with online(server, file, "ждёт") as guest:
            guest.send_text("読者", "sent")
            assert guest.wait_until_sent(10)
        store = Store(file)
        store.add_unsent("読者", "ждёт", "unsent", "00000000-id", 1.0)
        store.close()
        with online(server, file, "ждёт", PASSWORD, register=True) as account:
            assert account.wait_until_sent(10)
            assert account.said("読者") == ["sent", "unsent"]
            wait(lambda: root.said("ждёт") == ["sent", "unsent"])


# --- a room that one has joined -----------------------------------------------------------------


def test_what_was_said_before_one_joined_is_not_waited_for(
    server: RunningServer, tmp_path: Path
) -> None:
    with (
        online(server, tmp_path / "a.db", "комната а", PASSWORD, register=True) as ann,
        online(server, tmp_path / "b.db", "комната б", PASSWORD, register=True) as bob,
    ):
        ann.ask(Join(room="#кафе"))
        ann.send_text("#кафе", "before")
        assert ann.wait_until_sent(10)
        came = threading.Event()
        bob.on(MessageReceived)(lambda event: came.set())
        bob.ask(Join(room="#кафе"))
        assert came.wait(60)
        assert [one.security for one in bob.store.page("#кафе")] == [MessageSecurity.BEFORE]

        ann.send_text("#кафе", "after")
        wait(lambda: bob.said("#кафе") == ["", "after"])


# --- a device that was removed ------------------------------------------------------------------


def approve(second: Client, first: Client) -> None:
    first.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.is_approved)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_device_that_was_removed_comes_back_as_a_new_one_that_nobody_has_approved(
    server: RunningServer, tmp_path: Path, is_there: bool
) -> None:
    name = f"Иван {int(is_there)}"
    lost = tmp_path / "lost.db"
    with online(server, tmp_path / "kept.db", name, PASSWORD, register=True) as kept:
        with online(server, lost, name, PASSWORD) as second:
            approve(second, kept)
            device_id = second.core.encryption.identity.device_id
            if is_there:
                kept.keys.forget_device(device_id)
                come_back(second, name)
                check_new(second, kept, device_id)
        if not is_there:
            kept.keys.forget_device(device_id)
            second = Someone(server, Store(lost), Credentials(name, PASSWORD))
            second.start()
            come_back(second, name)
            check_new(second, kept, device_id)
            second.close()


def come_back(second: Someone, name: str) -> None:
    """Learn that this device was removed, whatever its database has; then log in again."""
    with pytest.raises(DeviceRemoved, match="removed by another"):
        wait(lambda: second.wait_until_online(0.1) and False)
    second.log_in(Credentials(name, PASSWORD))
    assert second.wait_until_online(60)


def check_new(second: Someone, kept: Someone, device_id: str) -> None:
    assert second.core.encryption.identity.device_id != device_id
    assert not second.keys.is_approved
    wait(lambda: second.keys.approval.state is ApprovalState.NEEDED)
    listed = {one.device_id: one for one in kept.keys.own_devices()}
    assert device_id not in listed
    assert len(listed) == 2
    assert not listed[second.core.encryption.identity.device_id].approved
    approve(second, kept)


def test_programs_beside_a_device_are_removed_with_it(
    server: RunningServer, tmp_path: Path
) -> None:
    name = "с трубой"
    profile = Profiles(tmp_path).of("127.0.0.1", server.port, name)
    profile.set_up("127.0.0.1", server.port, name)
    with online(server, tmp_path / "kept.db", name, PASSWORD, register=True) as kept:
        store = profile.open_store()
        second = Someone(server, store, Credentials(name, PASSWORD))
        second.start()
        assert second.wait_until_online(60)
        approve(second, kept)
        second.close()
        pipe = profile.open_pipe()
        beside = Someone(server, pipe, Credentials(name))
        beside.start()
        assert beside.wait_until_online(60)
        assert beside.keys.is_approved

        kept.keys.forget_device(second.core.encryption.identity.device_id)
        with pytest.raises(DeviceRemoved):
            wait(lambda: beside.wait_until_online(0.1) and False)
        beside.close()
        profile.close_pipe(pipe)
        profile.release()
        assert pipe.file is not None
        assert [one.is_this for one in kept.keys.own_devices()] == [True]
        again = Someone(server, profile.open_store(), Credentials(name, PASSWORD))
        again.start()
        come_back(again, name)
        assert not again.keys.is_approved
        again.close()


def test_the_only_device_is_never_taken_for_a_removed_one(
    server: RunningServer, tmp_path: Path
) -> None:
    """It alone has the account's secret: without it the account could not be recovered."""
    file = tmp_path / "only.db"
    with online(server, file, "единственный", PASSWORD, register=True) as client:
        client.ask(Logout())
    with online(server, file, "единственный", PASSWORD) as client:
        assert client.keys.is_approved


def test_a_login_that_has_ended_is_told_from_a_wrong_password(
    server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "ended.db"
    with online(server, file, "кончено", PASSWORD, register=True):
        pass
    store = Store(file)
    store.put("token", "worth nothing")
    client = Someone(server, store, Credentials("кончено"))
    client.start()
    with pytest.raises(LoginEnded):
        client.wait_until_online(60)
    client.log_in(Credentials("кончено", "a wrong password"))
    with pytest.raises(WrongPassword) as refused:
        client.wait_until_online(60)
    assert not isinstance(refused.value, LoginEnded)
    client.close()


def test_a_device_is_known_by_its_computer_and_address(
    server: RunningServer, tmp_path: Path
) -> None:
    with online(server, tmp_path / "a.db", "приборы", PASSWORD, register=True) as client:
        (device,) = client.keys.own_devices()

    assert device.is_this
    assert device.name
    assert device.address == "127.0.0.1"
    assert device.last_seen


# --- guests, bots, and logging out --------------------------------------------------------------


def test_a_guest_is_told_that_guests_have_no_keys(server: RunningServer) -> None:
    with (
        online(server, None, "ключей нет") as guest,
        online(server, None, "учётная", PASSWORD, register=True) as account,
    ):
        for ask in (
            guest.keys.own_devices,
            lambda: guest.keys.approval_code,
            lambda: guest.keys.recovery_code,
            lambda: guest.keys.safety_number("учётная"),
            lambda: guest.keys.devices_of("учётная"),
        ):
            with pytest.raises(Forbidden, match="Guests have no"):
                ask()
        guest.send_text("учётная", "hello")
        wait(lambda: account.said("ключей нет"))
        with pytest.raises(NotFound, match="is a guest"):
            account.keys.devices_of("ключей нет")


def test_a_bot_that_is_a_new_device_at_each_start_is_announced_once(server: RunningServer) -> None:
    with online(server, None, "слышит бота", PASSWORD, register=True) as person:
        appeared: list[str] = []
        person.on(DeviceAppeared)(lambda event: appeared.append(event.account))
        for number in range(4):
            with online(server, None, "бот", PASSWORD, register=True) as bot:
                bot.send_text("слышит бота", str(number))
                wait(lambda number=number: str(number) in person.said("бот"))
        assert appeared == ["бот"]


@pytest.mark.parametrize("place", ["file", "made"])
def test_logging_out_forgets_all_that_could_log_in_again(
    server: RunningServer, tmp_path: Path, place: Literal["file", "made"]
) -> None:
    name = {"file": "выходит", "made": "уходит"}[place]
    profile = Profiles(tmp_path).of("127.0.0.1", server.port, name)
    profile.set_up("127.0.0.1", server.port, name)
    profile.remember_password(PASSWORD, place)
    store = profile.open_store()
    client = Someone(server, store, Credentials(name, PASSWORD, register=True))
    client.start()
    assert client.wait_until_online(60)
    client.send_text("#all", "stays")
    assert client.wait_until_sent(10)

    assert profile.log_out(client)
    client.close()
    assert store.get("token") is None
    assert Profiles(tmp_path).of("127.0.0.1", server.port, name).password() is None
    assert not profile.password_file.exists()
    assert client.said("#all")[-1] == "stays"
    with online(server, profile._database, name, PASSWORD) as again:
        assert again.keys.is_approved


def test_an_account_that_makes_up_devices_does_not_fill_the_screen() -> None:
    told: list[CoreEvent] = []
    seen = DevicesSeen(Store(), told.append)
    for number in range(1000):
        seen.tell(DeviceAppeared("лжец", str(number), approved=False, excluded=True))
    seen.tell(DeviceAppeared("名前", "one", approved=False, excluded=True))

    assert 0 < len(told) < 50
    assert told[-1] == DeviceAppeared("名前", "one", approved=False, excluded=True)
