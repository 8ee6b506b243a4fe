"""Random runs: whatever comes, goes, is lost or doubled, everyone opens what they may read.

Accounts with several devices, each approved by the one before, write to each other and in a room,
join and leave it, come and go; messages, and letters with keys, are lost, doubled and held back on
their way, and the server slips devices of its own into the lists. At the end everybody comes anew,
and has exactly the messages that were written while they took part, each opened, once, in order;
no device of the server's has ever been given a key.
"""

import itertools
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from messenger.jim.requests import Join, Leave
from messenger.sdk import Client, Credentials, Store
from messenger.sdk.store import Lock
from tests.names import odd_name
from tests.running import PASSWORD, RunningServer
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import Spy
from tests.sdk.test_encryption import wait

_runs = itertools.count(1)
_devices = st.integers(0, 11)
_people = st.integers(0, 3)
_coming = st.sampled_from(["msg", "to_device"])
_astray = st.sampled_from(["lose", "double", "hold"])


class Written(NamedTuple):
    """A message that was sent, and which accounts were to read it."""

    conversation: str
    sender: str
    text: str
    readers: frozenset[str]


class Device:
    """A device that comes and goes; its database stays, and its network is not to be trusted."""

    def __init__(self, account: str, server: RunningServer, directory: Path) -> None:
        self.account = account
        self.store = Store(directory / "messages.db")
        self.proxy = LyingProxy(server.port, self._pass_on)
        self.client: Client | None = None
        self.astray: dict[str, list[str]] = {"msg": [], "to_device": []}
        self._held: list[Frame] = []

    def come(self) -> Client:
        if self.client is None:
            credentials = Credentials(self.account, PASSWORD, register=True)
            self.client = Client("127.0.0.1", self.proxy.port, credentials, self.store)
            self.client.start()
            assert self.client.wait_until_online(60)
        return self.client

    def go(self) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None

    def slip_in(self, account: str, ident: str) -> Spy:
        """Have the server list a device of its own to this one, in an account's name."""
        spy = Spy(self.proxy, account, ident)
        self.proxy.lie = lambda frame: [
            told for one in self._pass_on(frame) for told in spy.lie(one)
        ]
        self.proxy.hear = spy.hear
        return spy

    def end(self) -> None:
        self.go()
        self.proxy.close()
        self.store.close()

    def _pass_on(self, frame: Frame) -> list[Frame]:
        """Lose, double or hold back messages and letters, as they are to be treated."""
        action = str(frame.get("action"))
        coming = action == "to_device" or (action == "msg" and "seq" in frame)
        if not coming or not self.astray[action]:
            held, self._held = self._held, []
            return [frame, *held]
        what = self.astray[action].pop()
        if what == "double":
            return [frame, frame]
        if what == "hold":
            self._held.append(frame)
        elif action == "to_device":
            # As if it had never been: the next one has its number.
            frame["letter"]["message"] = "lost"
            return [frame]
        return []


class Runs(RuleBasedStateMachine):
    """The people, their devices, the room, and what was written."""

    server: RunningServer

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_runs)
        self.directory = tempfile.TemporaryDirectory()
        self.room = f"#room{self.run}"
        self.names: list[str] = []
        self.devices: list[Device] = []
        self.spies: list[Spy] = []
        self.members: set[str] = set()
        self.written: list[Written] = []
        self.numbers = itertools.count()

    @initialize(people=st.integers(2, 4))
    def begin(self, people: int) -> None:
        self.names = [odd_name(f"p{number}_", self.run) for number in range(people)]
        for name in self.names:
            self._add(name)

    @precondition(lambda self: len(self.devices) < 8)
    @rule(who=_people)
    def a_device_is_added(self, who: int) -> None:
        name = self.names[who % len(self.names)]
        if sum(device.account == name for device in self.devices) < 3:
            self._add(name)

    @rule(device=_devices)
    def a_device_comes(self, device: int) -> None:
        self._device(device).come()

    @rule(device=_devices)
    def a_device_goes(self, device: int) -> None:
        self._device(device).go()

    @rule(device=_devices, action=_coming, how=st.lists(_astray, min_size=1, max_size=4))
    def something_goes_astray(self, device: int, action: str, how: list[str]) -> None:
        self._device(device).astray[action] = how

    @rule(device=_devices, who=_people)
    def the_server_slips_in_a_device(self, device: int, who: int) -> None:
        found, name = self._device(device), self.names[who % len(self.names)]
        self.spies.append(found.slip_in(name, f"spy{len(self.spies)}"))
        if found.client is not None:
            found.client.core.sealing.directory.forget()

    @rule(device=_devices)
    def somebody_joins(self, device: int) -> None:
        found = self._device(device)
        found.come().ask(Join(room=self.room))
        self.members.add(found.account)

    @rule(device=_devices)
    def somebody_leaves(self, device: int) -> None:
        found = self._device(device)
        if found.account in self.members:
            found.come().ask(Leave(room=self.room))
            self.members.discard(found.account)

    @rule(device=_devices, to=_people, count=st.integers(1, 3))
    def somebody_writes(self, device: int, to: int, count: int) -> None:
        found = self._device(device)
        other = self.names[to % len(self.names)]
        if other != found.account:
            self._write(found, other, {found.account, other}, count)

    @rule(device=_devices, count=st.integers(1, 3))
    def somebody_writes_in_the_room(self, device: int, count: int) -> None:
        found = self._device(device)
        if found.account in self.members:
            self._write(found, self.room, self.members, count)

    def teardown(self) -> None:
        try:
            for device in self.devices:
                device.astray = {"msg": [], "to_device": []}
                device.go()
                device.come()
            for device in self.devices:
                self._check(device)
            assert all(spy.letters == spy.read == [] for spy in self.spies)
        finally:
            for device in self.devices:
                device.end()
            self.directory.cleanup()

    def _check(self, device: Device) -> None:
        """Compare what a device has opened with what it was to read."""
        conversations = {one.conversation for one in self.written} | set(self.names)
        for conversation in conversations:
            expected = [
                one.text
                for one in self.written
                if device.account in one.readers
                and self._as_seen(one, device.account) == conversation
            ]
            wait(lambda: self._opened(device, conversation) == expected, 40)  # noqa: B023  at once

    def _opened(self, device: Device, conversation: str) -> list[str]:
        messages = device.store.page(conversation, limit=1000)
        return [message.text for message in messages if message.lock is Lock.SEALED]

    def _as_seen(self, one: Written, account: str) -> str:
        """Return how the account calls the conversation that a message was written in."""
        if one.conversation.startswith("#"):
            return one.conversation
        return one.conversation if one.sender == account else one.sender

    def _add(self, name: str) -> None:
        directory = Path(self.directory.name) / str(len(self.devices))
        older = [device for device in self.devices if device.account == name]
        self.devices.append(Device(name, self.server, directory))
        client = self.devices[-1].come()
        if older:
            # It reads what was written before, as well.
            client.keys.recover(older[0].come().keys.recovery_code or "")

    def _device(self, number: int) -> Device:
        return self.devices[number % len(self.devices)]

    def _write(self, device: Device, to: str, people: set[str], count: int) -> None:
        client = device.come()
        readers = frozenset(people)
        for _ in range(count):
            text = f"{next(self.numbers)} {random.random()}"
            client.send_text(to, text)
            self.written.append(Written(to, device.account, text, readers))
        assert client.wait_until_sent(60)


@pytest.mark.soak
def test_everyone_opens_what_they_may_read(
    one_server: RunningServer, size: Callable[[int, int], int]
) -> None:
    Runs.server = one_server
    run_state_machine_as_test(
        Runs,
        settings=settings(
            max_examples=size(12, 200),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
