"""Random runs: whatever the server does, nobody reads or shows what they may not, all go on.

Accounts with several devices, each approved by the one before, write to each other and in a room,
verify each other, join and leave, connect and disconnect. The server loses, doubles, withholds,
changes, swaps and repeats messages and to-device messages; it makes up plain ones; it adds devices,
identities and accounts to device lists and leaves others out; it claims that nothing can be
encrypted, that old keys may be shared, that it has no backup. At the end it is honest, and
everybody connects again and writes once more.

During a run no message is shown as signed unless its sender wrote it, in that conversation, to this
account, and nothing is sent in plain that must be encrypted. At the end everybody has the messages
from the time of their membership, each once, in order: all but those that a device was lied to
about, and those that were never encrypted for it. The server's own devices got no key, except from
devices that had not verified the replaced identity, and were notified.
"""

import itertools
import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import vodozemac
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.messages import certify, encrypt
from messenger.crypto.names import room_id
from messenger.jim.errors import ProtocolError
from messenger.jim.rooms import Join, Leave
from tests.names import odd_name
from tests.running import RunningServer
from tests.sdk.liar import Liar
from tests.sdk.lied_to import Device, Log, SpyWrote, Written, key_requests
from tests.sdk.lies import INVALID, LIES, LIES_AT_LOGIN, LIES_OF_BACKUPS, LIES_ONLINE
from tests.sdk.person import wait
from tests.sdk.proxy import Frame
from tests.sdk.spy import Spy

_runs = itertools.count(1)
_devices = st.integers(0, 11)
_people = st.integers(0, 3)
_lies = st.lists(st.sampled_from(LIES_ONLINE), min_size=1, max_size=6)
_spies = st.sampled_from(["beside", "alone", "with an identity", "alone with one", "a stranger"])


class Runs(RuleBasedStateMachine):
    """The accounts, their devices, the room and all messages; one method for each possible step."""

    server: RunningServer

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_runs)
        self.directory = tempfile.TemporaryDirectory()
        self.room = f"#room{self.run}"
        self.names: list[str] = []
        self.devices: list[Device] = []
        self.members: set[str] = set()
        self.log = Log()
        self.numbers = itertools.count()

    @initialize(people=st.integers(2, 4))
    def begin(self, people: int) -> None:
        self.names = [odd_name(f"p{number}_", self.run) for number in range(people)]
        for name in self.names:
            self._add(name)
        for device in list(self.devices):
            self.somebody_joins(self.devices.index(device))
            self.somebody_writes_in_the_room(self.devices.index(device), 1)

    # --- what people do -------------------------------------------------------------------------

    @precondition(lambda self: len(self.devices) < 8)
    @rule(who=_people, lies=st.lists(st.sampled_from(LIES_OF_BACKUPS), max_size=2))
    def a_device_is_added(self, who: int, lies: list[str]) -> None:
        name = self.names[who % len(self.names)]
        if sum(device.account == name for device in self.devices) < 3:
            self._add(name, lies)

    @rule(device=_devices)
    def a_device_comes(self, device: int) -> None:
        self._device(device).come()

    @rule(device=_devices)
    def a_device_goes(self, device: int) -> None:
        self._device(device).go()

    @rule(device=_devices)
    def somebody_joins(self, device: int) -> None:
        found = self._device(device)
        if self._asked(found, Join(room=self.room)):
            self.members.add(found.account)

    @rule(device=_devices)
    def somebody_leaves(self, device: int) -> None:
        found = self._device(device)
        if found.account in self.members and self._asked(found, Leave(room=self.room)):
            self.members.discard(found.account)

    @rule(device=_devices, who=_people)
    def somebody_verifies(self, device: int, who: int) -> None:
        found, name = self._device(device), self.names[who % len(self.names)]
        if name != found.account:
            found.verify(self._first_of(name))

    @rule(device=_devices, to=_people, count=st.integers(1, 3))
    def somebody_writes(self, device: int, to: int, count: int) -> None:
        found = self._device(device)
        other = self.names[to % len(self.names)]
        if other != found.account:
            self._write(found, other, count)

    @rule(device=_devices, count=st.integers(1, 3))
    def somebody_writes_in_the_room(self, device: int, count: int) -> None:
        found = self._device(device)
        if found.account in self.members:
            self._write(found, self.room, count)

    # --- what the server does -------------------------------------------------------------------

    @rule(device=_devices, to=_people, lies=_lies, away=st.booleans())
    def the_server_lies(self, device: int, to: int, lies: list[str], *, away: bool) -> None:
        """To everybody; one of the recipients may be offline meanwhile."""
        for one in self.devices:
            one.liar.plan(LIES[lie] for lie in lies)
            one.list_anew()
        self._talk(device, to, away=away)

    @rule(device=_devices, to=_people, lie=st.sampled_from(LIES_AT_LOGIN))
    def the_server_lies_at_login(self, device: int, to: int, lie: str) -> None:
        found = self._device(device)
        found.liar.plan([LIES[lie]])
        found.come_anew()
        self._talk(device, to)

    @rule(device=_devices, who=_people, how=_spies)
    def the_server_slips_in_a_device(self, device: int, who: int, how: str) -> None:
        found, name = self._device(device), self.names[who % len(self.names)]
        more: dict[str, object] = {"alone": "alone" in how}
        if "with" in how:
            more["secret"] = Secret(name)
        if how == "a stranger":
            name = f"stranger{len(found.spies)}"
            more["stranger"] = True
        spy = Spy(found.proxy, name, f"spy{len(found.spies)}", **more)
        found.slip_in(spy, len(self.log.written))
        self._talk(device, who)

    @precondition(lambda self: any(device.spies for device in self.devices))
    @rule(device=_devices)
    def a_spy_asks_and_writes(self, device: int) -> None:
        victims = [one for one in self.devices if one.spies]
        found = victims[device % len(victims)]
        at = found.spies[-1]
        client = found.come()
        for request in key_requests(found, at.spy):
            at.spy.write(client, "m.room_key_request", request)
        text = f"of a spy {next(self.numbers)}"
        is_first_use = not found.knows(at.spy.device.account)
        self.log.spied[text] = SpyWrote(at, is_first_use)
        self._write_as(at.spy, found, text)

    @rule(device=_devices, who=_people, own=st.booleans(), room=st.booleans())
    def the_server_makes_up_a_message(
        self, device: int, who: int, *, own: bool, room: bool
    ) -> None:
        found, other = self._device(device), self.names[who % len(self.names)]
        sender, to = (found.account, other) if own else (other, found.account)
        conversation = self.room if room else other
        seq = found.store.synced(conversation) + 1
        found.say(_message(sender, self.room if room else to, seq, INVALID, "utf-8"))

    @rule(device=_devices, who=_people, back=st.integers(0, 3))
    def the_server_repeats_a_message(self, device: int, who: int, back: int) -> None:
        """Under the next number, or that of another message."""
        found = self._device(device)
        if found.told:
            again = random.choice(found.told)
            where = again["from"] if again["to"] == found.account else again["to"]
            found.say({**again, "seq": max(1, found.store.synced(where) + 1 - back)})

    @rule(device=_devices, who=_people, change=st.sampled_from(["history", "encrypted", "left"]))
    def the_server_says_something_of_the_room(self, device: int, who: int, change: str) -> None:
        name = self.names[who % len(self.names)]
        said = {"action": "room", "time": 1.0, "room": self.room, "account_name": name}
        self._device(device).say({**said, "change": change, "shown": True})

    # --- the result -----------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self._end()
        finally:
            for device in self.devices:
                device.end()
            self.directory.cleanup()

    def _end(self) -> None:
        for device in self.devices:
            device.stop_lying()
            device.come_anew()
        for device in self.devices:
            device.accept_all([name for name in self.names if name != device.account])
        for device in self.devices:
            device.come_anew()
        for name in self.names:
            # The server shows a room's messages to members only, even those from their time.
            self.somebody_joins(self.devices.index(self._first_of(name)))
        assert self.members == set(self.names)
        for name in self.names:
            self._go_on(self._first_of(name))
        for device in self.devices:
            self._compare(device)
        for device in self.devices:
            device.check()
            for spy in device.spies:
                spy.check(self.log)

    def _go_on(self, device: Device) -> None:
        """Write to everybody again: now it has to arrive."""
        others = [name for name in self.names if name != device.account]
        for to in [*others, self.room]:
            self._write(device, to, 1)
            last = next(reversed(self.log.written))
            assert self.log.came_encrypted(last), device.store.page(to, limit=1)[-1].reason

    def _compare(self, device: Device) -> None:
        """Compare the messages that a device has decrypted with those that it should read."""
        seen = [one for one in self.log.written.values() if device.may_read(one)]
        for conversation in {one.as_seen_by(device.account) for one in seen}:
            written = [
                one.text
                for one in seen
                if one.as_seen_by(device.account) == conversation
                and self.log.came_encrypted(one.text)
            ]
            needed = {one.text for one in seen if self._has_to_open(device, one)} & set(written)
            # Messages may arrive meanwhile, and then be reported as out of order.
            with suppress(AssertionError):
                wait(lambda: device.shows(conversation, written, needed), 60)  # noqa: B023  at once
            missing = needed - set(device.opened(conversation))
            assert not missing, device.why_missing(conversation, missing)
            is_right = device.shows(conversation, written, needed)
            assert is_right, device.why_missing(conversation, set(device.opened(conversation)))

    def _has_to_open(self, device: Device, one: Written) -> bool:
        """Whether the server was honest to a device, or to those that could send it keys."""
        needs = (
            [device]
            if one in list(self.log.written.values())[device.since :]
            else [other for other in self.devices if other.account == device.account]
        )
        return all(other.has_to_open(one) for other in needs)

    # --- steps ----------------------------------------------------------------------------------

    def _add(self, name: str, lies: Sequence[str] = ()) -> None:
        number = len(self.devices)
        directory = Path(self.directory.name) / str(number)
        older = [device for device in self.devices if device.account == name]
        liar = Liar(self.names, self.room)
        self.devices.append(Device(name, self.server, directory, liar, self.log))
        client = self.devices[-1].come()
        liar.plan(LIES[lie] for lie in lies)
        if older:
            # It reads earlier messages, too.
            client.keys.recover(older[0].secret.code())

    def _talk(self, device: int, to: int, *, away: bool = False) -> None:
        """Have somebody write to somebody, who answers, and in the room."""
        one, other = self._device(device), self._first_of(self.names[to % len(self.names)])
        if away and one is not other:
            other.go()
        for found in (one, other):
            self.somebody_writes(self.devices.index(found), self.names.index(one.account), 2)
            self.somebody_writes(self.devices.index(found), to, 2)
            self.somebody_writes_in_the_room(self.devices.index(found), 2)

    def _device(self, number: int) -> Device:
        return self.devices[number % len(self.devices)]

    def _first_of(self, name: str) -> Device:
        return next(device for device in self.devices if device.account == name)

    def _asked(self, device: Device, request: Join | Leave) -> bool:
        """Tell whether the server did it: a server that claims to be plain gets no such request."""
        try:
            device.come().ask(request)
        except ProtocolError:
            return False
        return True

    def _write(self, device: Device, to: str, count: int) -> None:
        readers = frozenset(self.members if to == self.room else (device.account, to))
        for _ in range(count):
            device.write(to, readers, f"{next(self.numbers)} {random.random()}")

    def _write_as(self, spy: Spy, victim: Device, text: str) -> None:
        """Have a spy send the key of a session, and write in it."""
        client, account = victim.come(), spy.device.account
        group, room = vodozemac.GroupSession(), room_id(account, victim.account)
        key = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": group.session_id,
            "session_key": group.session_key.to_base64(),
            "messenger.certificate": certify(spy.identity, room, group.session_id),
        }
        spy.write(client, "m.room_key", key)
        encrypted = encrypt(spy.identity, group, room, text, text)
        seq = victim.store.synced(account) + 1
        victim.say({**_message(account, victim.account, seq, encrypted, MEGOLM), "id": text})


def _message(sender: str, to: str, seq: int, text: str, encoding: str) -> Frame:
    return {
        "action": "msg",
        "time": 1.0,
        "to": to,
        "from": sender,
        "encoding": encoding,
        "message": text,
        "seq": seq,
        "stored": 1.0,
        "id": f"x{seq}",
    }


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.soak
@pytest.mark.long
def test_a_server_that_lies_at_random_learns_nothing_and_fools_nobody(
    one_server: RunningServer, size: Callable[[int, int], int]
) -> None:
    Runs.server = one_server
    run_state_machine_as_test(
        Runs,
        settings=settings(
            max_examples=size(2, 200),
            stateful_step_count=12,
            deadline=None,
            # A run takes seconds, and with threads no two are the same: `--seed` repeats one.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
