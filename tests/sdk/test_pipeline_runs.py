"""Random runs of the pipelines: messages are on the way in both directions, and anything happens.

Three accounts, later with several devices, write many messages at once to each other and in a room,
all encrypted. At any moment what is on the way arrives in part, is lost with its connection, or is
refused; devices are added, so that device lists are outdated; clients are killed and the server is
restarted in the middle of a batch.

At the end everybody connects again, and all messages of a device are read by everyone once, in the
order of writing within a conversation; or they are reported as failed to their writer.
"""

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from messenger.jim.errors import Forbidden, ProtocolError, ServerError, TooMany
from messenger.jim.names import is_room
from messenger.jim.rooms import Join
from messenger.sdk.events import MessageChanged, MessageDecrypted, MessageReceived
from messenger.sdk.store import MessageState
from tests.in_process import InProcessServer
from tests.names import odd_name, odd_room
from tests.sdk.piped import PipedClient, refuse_next, restarted

_runs = itertools.count(1)
_devices = st.integers(0, 5)
_counts = st.sampled_from([1, 2, 3, 10, 70])  # more than a window, too
_some = st.integers(0, 40)
_DONE = {MessageState.SENT, MessageState.DELIVERED, MessageState.READ}
_FORBIDDEN = "You are not welcome"
_ERRORS: dict[str, Callable[[], ProtocolError | None]] = {
    "stored": lambda: None,
    "too fast": lambda: TooMany("You write too fast", retry_after=1),
    "forbidden": lambda: Forbidden(_FORBIDDEN),
    "failed": lambda: ServerError("Internal error"),
}
_somewhere = st.integers(0, 2)
_fates = st.lists(st.sampled_from(sorted(_ERRORS)), max_size=8)


class Middle(NamedTuple):
    """A moment: somebody has written, and so many objects have arrived, and of the answers."""

    where: int
    count: int
    up: int
    down: int


_middles = st.builds(Middle, _somewhere, _counts, _some, _some)


class Device:
    """A device: its client, which may be killed, all that it has written, and has been told.

    `before` is how many messages each device had written in each conversation when it was added.
    """

    def __init__(self, client: PipedClient, before: dict[tuple["Device", str], int]) -> None:
        self.client = client
        self.account = client.name
        self.before = before
        self.written: dict[str, list[str]] = {}
        self.shown: list[str] = []
        self.failed: set[str] = set()

    def note_told(self) -> None:
        """Note what the user was told since the last time."""
        told, self.client.told = self.client.told, []
        for event in told:
            if isinstance(event, MessageReceived | MessageDecrypted) and event.message.text:
                self.shown.append(event.message.text)
            if isinstance(event, MessageChanged) and event.message.state is MessageState.FAILED:
                self.failed.add(event.message.text)

    def read(self, conversation: str) -> list[str]:
        """Return all that can be read in a conversation, except what was not sent.

        By its state now: a message that was stored, and whose answer was lost, may be forbidden
        when it is sent again. Then it counts as failed until the log shows it.
        """
        found = self.client.all(conversation)
        return [one.text for one in found if one.state is not MessageState.FAILED]


def _as_seen_by(reader: Device, writer: Device, conversation: str) -> str | None:
    """Return the reader's name of a conversation of the writer's; None if it is not theirs."""
    if is_room(conversation) or reader.account == writer.account:
        return conversation
    return writer.account if reader.account == conversation else None


class PipelineRuns(RuleBasedStateMachine):
    """The devices, the server and all messages; one method for each possible step."""

    server: InProcessServer
    data: Path

    def __init__(self) -> None:
        super().__init__()
        self.run = next(_runs)
        self.directory = tempfile.TemporaryDirectory()
        self.room = odd_room("#room", self.run)
        self.names = [odd_name(f"p{number}_", self.run) for number in range(3)]
        self.devices: list[Device] = []
        self.numbers = itertools.count()
        self.refusals: list[ProtocolError | None] = []
        refuse_next(self.server, self.refusals)

    @initialize()
    def begin(self) -> None:
        for name in self.names:
            self._add(name)
            self.devices[-1].client.ask(Join(room=self.room))
        for number, device in enumerate(self.devices):
            for where in range(3):
                self.somebody_writes(number, where, 1, [], held=False)
            device.client.settle()

    # --- what people and their networks do -------------------------------------------------------

    @rule(device=_devices, where=_somewhere, count=_counts, fates=_fates, held=st.booleans())
    def somebody_writes(
        self, device: int, where: int, count: int, fates: list[str], *, held: bool
    ) -> None:
        """It stays on the way if `held`; the server may refuse some of what it reads next."""
        found = self._device(device)
        found.client.is_held = found.client.is_held or held
        self.refusals += [_ERRORS[one]() for one in fates]
        self._write(found, where, count)
        self.server.settle()

    @rule(device=_devices)
    def what_is_sent_stays_on_the_way(self, device: int) -> None:
        self._device(device).client.is_held = True

    @rule(device=_devices, up=_some, down=_some)
    def some_of_it_arrives(self, device: int, up: int, down: int) -> None:
        client = self._device(device).client
        client.let_up(up)
        self.server.settle()
        client.let_down(down)
        self.server.settle()

    @rule(device=_devices)
    def all_of_it_arrives(self, device: int) -> None:
        self._device(device).client.flow()

    @rule(device=_devices, middle=_middles, again=st.booleans())
    def a_connection_breaks(self, device: int, middle: Middle, *, again: bool) -> None:
        client = self._in_the_middle(device, middle).client
        client.break_off()
        self.server.settle()
        if again:
            client.start()

    @rule(device=_devices)
    def a_device_connects_again(self, device: int) -> None:
        client = self._device(device).client
        if not client.is_connected:
            client.start()

    @rule(device=_devices, middle=_middles, count=_counts)
    def a_client_is_killed(self, device: int, middle: Middle, count: int) -> None:
        """Just after its user has written more."""
        found = self._in_the_middle(device, middle)
        self._write(found, middle.where, count)
        found.note_told()
        found.client.kill()
        self.server.settle()
        name, file = found.account, found.client.file
        found.client = PipedClient(self.server, name, file, register=False)

    @rule(device=_devices, middle=_middles, more=_some)
    def the_server_is_restarted(self, device: int, middle: Middle, more: int) -> None:
        """While it stores more of a client's messages."""
        self._in_the_middle(device, middle).client.let_up(more)
        clients = [one.client for one in self.devices]
        type(self).server = restarted(self.server, self.data, clients)
        refuse_next(self.server, self.refusals)
        for client in clients:
            client.start()

    @precondition(lambda self: len(self.devices) < 6)
    @rule(who=st.integers(0, 2))
    def a_device_is_added(self, who: int) -> None:
        name = self.names[who]
        older = next(one for one in self.devices if one.account == name)
        self._add(name)
        self.devices[-1].client.keys.recover(older.client.keys.recovery_code or "")

    @rule(seconds=st.sampled_from([1, 6]))
    def time_passes(self, seconds: int) -> None:
        for one in self.devices:
            if one.client.is_connected and not one.client.pass_time(seconds):
                one.client.break_off()

    # --- the result ------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self._end()
        finally:
            for device in self.devices:
                device.client.close()
            self.directory.cleanup()

    def _end(self) -> None:
        self.refusals.clear()
        for device in self.devices:
            device.client.break_off()
            device.client.start()
        for _ in range(20):
            self.time_passes(6)
        for device in self.devices:
            device.note_told()
            assert not device.client.store.count_unsent()
        for writer in self.devices:
            for conversation, texts in writer.written.items():
                self._compare(writer, conversation, texts)
        for device in self.devices:
            twice = [text for text, count in Counter(device.shown).items() if count > 1]
            assert not twice, twice

    def _compare(self, writer: Device, conversation: str, texts: list[str]) -> None:
        """Compare what a device has written with what everyone reads."""
        found = {one.text: one for one in writer.client.all(conversation)}
        failed = {text for text in texts if found[text].state is MessageState.FAILED}
        assert {found[text].reason for text in failed} <= {_FORBIDDEN}
        assert failed <= writer.failed
        written = [text for text in texts if text not in failed]
        assert {found[text].state for text in written} <= _DONE
        for reader in self.devices:
            if (name := _as_seen_by(reader, writer, conversation)) is None:
                continue
            theirs = set(texts)
            read = [text for text in reader.read(name) if text in theirs]
            # A device that was added may lack what was written before.
            older = set(texts[: reader.before.get((writer, conversation), 0)]) - set(read)
            assert read == [text for text in written if text not in older]

    # --- steps -----------------------------------------------------------------------------------

    def _device(self, number: int) -> Device:
        return self.devices[number % len(self.devices)]

    def _write(self, device: Device, where: int, count: int) -> None:
        to = [self.room, *(name for name in self.names if name != device.account)][where]
        for _ in range(count):
            text = f"{next(self.numbers)}"
            device.written.setdefault(to, []).append(text)
            device.client.send_text(to, text)

    def _in_the_middle(self, number: int, middle: Middle) -> Device:
        """Have a device write, some of it arrive, and then some of the answers."""
        device = self._device(number)
        if not device.client.is_connected:
            device.client.start()
        device.client.is_held = True
        self._write(device, middle.where, middle.count)
        self.server.settle()
        device.client.let_up(middle.up)
        self.server.settle()
        device.client.let_down(middle.down)
        return device

    def _add(self, name: str) -> None:
        file = Path(self.directory.name) / str(len(self.devices)) / "messages.db"
        is_first = all(one.account != name for one in self.devices)
        client = PipedClient(self.server, name, file, register=is_first)
        client.start()
        before = {
            (one, conversation): len(texts)
            for one in self.devices
            for conversation, texts in one.written.items()
        }
        self.devices.append(Device(client, before))


@pytest.mark.soak
@pytest.mark.long
def test_every_message_is_read_once_and_in_order_whatever_happens_to_those_on_the_way(
    tmp_path: Path, size: Callable[[int, int], int]
) -> None:
    PipelineRuns.data = tmp_path / "server"
    PipelineRuns.server = InProcessServer(PipelineRuns.data)
    try:
        run_state_machine_as_test(
            PipelineRuns,
            settings=settings(
                max_examples=size(8, 300),
                stateful_step_count=25,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        PipelineRuns.server.close()
