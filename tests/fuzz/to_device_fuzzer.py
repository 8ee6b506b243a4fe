"""Fuzzes what devices send each other: to-device messages, and the steps of a SAS verification.

The sender is a client like any other but for the content of its messages. They are correctly
encrypted, by a listed device, so that all of them are decrypted and handled.
"""

import contextlib
import itertools
import json
import queue
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import vodozemac

from messenger.crypto.devices import MEGOLM, OLM, Device, parse_device, parse_one_time_key
from messenger.crypto.identity import Olm
from messenger.crypto.names import user_id
from messenger.jim.devices import (
    ClaimKeys,
    DeviceName,
    GetInbox,
    ListDevices,
    ToDevice,
    ToDeviceMessage,
)
from messenger.jim.errors import ProtocolError
from messenger.sdk.encryption.approval import APPROVAL
from messenger.sdk.encryption.olm_sessions import Content, OnSent
from messenger.sdk.encryption.trust_records import TRUST_RECORD
from messenger.sdk.encryption.verification import PREFIX
from messenger.sdk.errors import ConnectionLost, NotOnline
from messenger.sdk.events import VerificationChanged
from messenger.sdk.key_states import VerificationState
from tests.fuzz.findings import Found, Round
from tests.fuzz.honest import Person
from tests.fuzz.mutations import encode, retype, spoil
from tests.fuzz.victims import Exceptions
from tests.running import RunningServer

KIND = "to-device"

_BATCHES = 15
_AT_ONCE = 20
_COMPARISONS = 4
_EMOJI_TIMEOUT = 0.5
_FITS = 48 * 1024
"""The size up to which the server accepts to-device messages."""

_numbers = itertools.count(1)


class Mallory:
    """A client that sends any to-device messages to a device of another account."""

    def __init__(self, person: Person, other: str) -> None:
        self.person = person
        self.identity = person.core.encryption.identity
        keys = person.ask(ListDevices(conversation=other)).devices
        found = next(one for one in keys if one.account_name == other)
        self.device: Device = parse_device(other, found.device, bytes(found.keys))
        self.begin()

    def begin(self) -> None:
        """Begin an Olm session, with one of the other's one-time keys."""
        name = DeviceName(self.device.account, self.device.device_id)
        claimed = self.person.ask(ClaimKeys(devices=[name])).keys[0]
        key = parse_one_time_key(self.device, bytes(claimed.key))
        self._session: vodozemac.Session = self.identity.begin(self.device, key)

    def event(self, type: str, content: Any) -> dict[str, Any]:
        """Return an event before it is encrypted, with all the keys that Matrix requires."""
        return {
            "type": type,
            "content": content,
            "sender": user_id(self.identity.account),
            "recipient": user_id(self.device.account),
            "recipient_keys": {"ed25519": self.device.ed25519},
            "keys": {"ed25519": self.identity.ed25519},
            "sender_device_keys": json.loads(self.identity.device_keys),
        }

    def encrypt(self, text: str) -> dict[str, Any]:
        """Return the text encrypted for the other device."""
        kind, body = Olm.of(self._session.encrypt(text.encode("utf-8", "surrogatepass")))
        return {
            "algorithm": OLM,
            "sender_key": self.identity.curve25519,
            "ciphertext": {self.device.curve25519: {"type": kind, "body": body}},
        }

    def to_device(self, message: str) -> ToDeviceMessage:
        """Return the to-device message to the other device."""
        return ToDeviceMessage(self.device.account, self.device.device_id, message)


class ToDeviceFuzzer:
    """A client that gets invalid to-device messages, their sender, and an honest person."""

    def __init__(self, server: RunningServer, directory: Path, exceptions: Exceptions) -> None:
        self._exceptions = exceptions
        self._people = [
            Person(f"{name} {next(_numbers)}", server.port, directory / f"{name}.db")
            for name in ("victim", "друг", "mallory")
        ]
        self._victim, self._friend, mallory = self._people
        self._asking, others = _record(self._victim, self._friend)
        self._samples = [*self._asking, *others]
        self._mallory = Mallory(mallory, self._victim.name)
        self._emoji = _queue_of(self._victim, VerificationState.EMOJI_SHOWN)
        self._sent: list[Said] = []
        self._rng = Random()
        mallory.core.encryption.olm_sessions.send = self._send_steps  # type: ignore[method-assign]

    def close(self) -> None:
        """Close all clients."""
        for person in self._people:
            person.end()

    def run(self, seed: str) -> int:
        """Run a round; return how many messages it had. Raises Found."""
        self._rng = Random(seed)
        self._sent = []
        try:
            with self._answering():
                self._mallory.begin()
                for _ in range(_BATCHES):
                    self._send_or_inject(self._messages())
                for _ in range(_COMPARISONS):
                    self._verify()
                self._check()
        except Found as found:
            found.round = Round(KIND, seed, self._sent)
            raise
        return len(self._sent)

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise Found if a client gets no reply in the block: its threads have ended."""
        try:
            yield
        except (ConnectionLost, NotOnline) as error:
            self._exceptions.raise_first()
            raise Found(f"a client is not online any more: {error}") from error

    def replay(self, round: Round) -> None:
        """Send the input of another round; raises Found."""
        self._rng = Random(round.seed)
        with self._answering():
            for said in round.sent:
                self._send_or_inject([Said(*said)])
            self._check()

    # --- single messages -----------------------------------------------------------------------

    def _messages(self) -> list["Said"]:
        """Return messages in any order, or, less mutated, those that begin a verification."""
        rng = self._rng
        if rng.random() < 0.5:
            return [self._message(one, 0.4) for one in self._asking]
        return [self._message(rng.choice(self._samples), 0.8) for _ in range(_AT_ONCE)]

    def _message(self, sample: tuple[str, str], oddity: float) -> "Said":
        rng = self._rng
        content = json.loads(sample[1])
        if rng.random() < oddity:
            content = retype(rng, content) if rng.random() < 0.6 else spoil(rng, content, {})
        event: Any = self._mallory.event(sample[0], content)
        if rng.random() < oddity / 8:
            event = spoil(rng, event, content)
        return Said(encode(event), rng.random() if rng.random() < oddity / 16 else None)

    def _send_or_inject(self, messages: Sequence["Said"]) -> None:
        """Send messages through the server, or hand them to the client as the server would."""
        self._sent += messages
        encrypted = []
        for said, envelope in messages:
            found = self._mallory.encrypt(said)
            if envelope is not None:
                found = spoil(Random(envelope), found, {})
            encrypted.append(encode(found))
        if self._rng.random() < 0.5 and sum(map(len, encrypted)) < _FITS:
            to_device_messages = [self._mallory.to_device(one) for one in encrypted]
            self._mallory.person.ask(ToDevice(messages=to_device_messages))
        else:
            self._inject(encrypted)

    def _inject(self, encrypted: list[str]) -> None:
        """Have the client receive messages as if the server had forwarded them."""
        last = self._victim.ask(GetInbox(after=0)).last
        for number, one in enumerate(encrypted, last + 1):
            message = {"seq": number, "from": self._mallory.person.name, "message": one}
            frame = {"action": "to_device", "time": 1, "message": message}
            try:
                self._victim.parse(json.dumps(frame).encode() + b"\n")
            except Exception:
                raise Found(traceback.format_exc()) from None

    # --- verification --------------------------------------------------------------------------

    def _verify(self) -> None:
        """Compare emoji as two users would who agree to everything, in any order."""
        victim, mallory = self._victim.keys, self._mallory.person.keys
        names = self._victim.name, self._mallory.person.name
        asks = [
            lambda: victim.request_verification(names[1]),
            lambda: mallory.request_verification(names[0]),
        ]
        self._rng.shuffle(asks)
        while not self._emoji.empty():
            self._emoji.get()
        for keys, name in ((victim, names[1]), (mallory, names[0])):
            with contextlib.suppress(ProtocolError):
                keys.cancel_verification(name)
        for ask in asks:
            with contextlib.suppress(ProtocolError):
                ask()
        with contextlib.suppress(queue.Empty):
            self._emoji.get(timeout=_EMOJI_TIMEOUT)
        ends = [victim.agree, victim.agree, victim.differ]
        with contextlib.suppress(ProtocolError):
            self._rng.choice(ends)(names[1])
        with contextlib.suppress(ProtocolError):
            mallory.agree(names[0])

    def _send_steps(
        self, contents: Sequence[Content], on_sent: OnSent, *, anew: bool = False
    ) -> None:
        """Replace `OlmSessions.send`: some contents are mutated."""
        for to, kind, content in contents:
            if to == self._mallory.device:
                self._post(kind, content)
        on_sent(set())

    def _post(self, kind: str, content: dict[str, Any]) -> None:
        rng = self._rng
        mutated: Any = json.loads(json.dumps(content))
        if rng.random() < 0.3:
            mutated = spoil(rng, mutated, {})
        for _ in range(rng.choice((1, 1, 1, 1, 1, 0, 2))):
            text = encode(self._mallory.event(kind, mutated))
            self._sent.append(Said(text, None))
            encrypted = encode(self._mallory.encrypt(text))
            if len(encrypted) < _FITS:
                self._mallory.person.post(ToDevice(messages=[self._mallory.to_device(encrypted)]))

    # --- checks --------------------------------------------------------------------------------

    def _check(self) -> None:
        """Raise Found unless the client goes on, and no exception was unexpected."""
        self._exceptions.raise_first()
        for writer, reader in ((self._friend, self._victim), (self._victim, self._friend)):
            text = f"honest {next(_numbers)}"
            writer.send_text(reader.name, text)
            reader.wait_for(text)
        self._exceptions.raise_first()


class Said(NamedTuple):
    """The plaintext of a message.

    `envelope` is the seed of the mutation of its ciphertext, if that is mutated.
    """

    text: str
    envelope: float | None


def _record(ann: Person, bob: Person) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return what the device that starts a verification sends, and all other contents."""
    of_ann: list[tuple[str, str]] = []
    others = [*_OTHERS]
    for person, found in ((ann, of_ann), (bob, others)):
        person.core.encryption.olm_sessions.send = _noting(
            found, person.core.encryption.olm_sessions.send
        )
    for writer, reader in ((ann, bob), (bob, ann)):
        writer.send_text(reader.name, "hi")
        reader.wait_for("hi")
    asked, shown = (
        _queue_of(bob, state)
        for state in (VerificationState.REQUEST_RECEIVED, VerificationState.EMOJI_SHOWN)
    )
    also_shown, ended = (
        _queue_of(ann, state)
        for state in (VerificationState.EMOJI_SHOWN, VerificationState.VERIFIED)
    )
    ann.keys.request_verification(bob.name)
    asked.get(timeout=60)
    bob.keys.request_verification(ann.name)
    shown.get(timeout=60)
    also_shown.get(timeout=60)
    ann.keys.agree(bob.name)
    bob.keys.agree(ann.name)
    ended.get(timeout=60)
    asking = [one for one in of_ann if one[0].startswith(PREFIX)]
    return asking, [*others, *(one for one in of_ann if one not in asking)]


def _noting(found: list[tuple[str, str]], send: Any) -> Any:
    def noting(contents: Sequence[Content], on_sent: OnSent, **how: bool) -> None:
        found.extend((kind, json.dumps(content)) for _to, kind, content in contents)
        send(contents, on_sent, **how)

    return noting


def _queue_of(person: Person, state: VerificationState) -> "queue.SimpleQueue[Any]":
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    @person.on(VerificationChanged)
    def _take(event: VerificationChanged) -> None:
        if event.verification.state is state:
            heard.put(event)

    return heard


_SESSION = vodozemac.GroupSession()
_KEY = {
    "algorithm": MEGOLM,
    "room_id": "!dev:jim",
    "session_id": _SESSION.session_id,
    "session_key": _SESSION.session_key.to_base64(),
}
# Contents that are seldom sent, and cannot be recorded quickly.
_OTHERS = [
    (kind, json.dumps(content))
    for kind, content in (
        ("m.room_key", _KEY),
        (
            "m.forwarded_room_key",
            {**_KEY, "sender_key": "x", "forwarding_curve25519_key_chain": []},
        ),
        (
            "m.room_key_request",
            {
                "action": "request",
                "body": {**_KEY, "sender_key": "x"},
                "request_id": "1",
                "requesting_device_id": "1",
            },
        ),
        ("m.dummy", {}),
        (APPROVAL, {"secret": "x", "proof": "x", "code": "x"}),
        (TRUST_RECORD, {"name": "x", "encrypted": "x"}),
        ("m.key.verification.cancel", {"transaction_id": "1", "code": "m.user", "reason": "x"}),
        ("m.key.verification.done", {"transaction_id": "1"}),
    )
]
