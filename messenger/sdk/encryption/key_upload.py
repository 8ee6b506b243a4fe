"""Publishes this device's keys, tops up one-time keys, and renews the fallback key."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from messenger.crypto.identity import Olm, begins_with
from messenger.jim.devices import Published, PublishKeys
from messenger.jim.errors import Conflict, ProtocolError
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.link import Answer

_ENOUGH = 50  # Half of what a server accepts: each new Olm session with this device uses one up.
_FEW = 25
_TRIES = 20  # A server that always answers with a conflict must not keep this loop running.
_OLD_FALLBACK_KEPT = 3600.0  # Seconds: messages that use the old key may be on their way.

OnPublished = Callable[[Published | ProtocolError], None]


class _Unused(msgspec.Struct):
    """The published one-time and fallback keys that are unused, by id."""

    one_time: dict[str, str] = {}
    fallback: dict[str, str] = {}


class KeyUpload:
    """Maintains enough one-time keys, and a fallback key, at the server.

    If the server has keys that this device does not know, all are replaced: the server or this
    database was restored from a backup. `since` is when this device's keys were first published
    (unix time).
    """

    def __init__(self, context: DeviceContext) -> None:
        self._keys = context.keys
        self._identity = context.identity
        self._ask = context.ask
        self.since = float(self._keys.get("keys_since") or 0)
        self._unused = msgspec.json.decode(self._keys.get("unused_keys") or "{}", type=_Unused)

    def publish(self, device_keys: dict[str, Any], on_published: OnPublished) -> None:
        """Publish a device's keys; `on_published` gets the server's reply, or the error."""

        def published(answer: Answer) -> None:
            if isinstance(answer, Published):
                self.since = answer.since
                self._keys.put("keys_since", repr(answer.since))
                self._add(answer, lambda: on_published(answer), _TRIES)
            elif isinstance(answer, ProtocolError):
                on_published(answer)

        self._ask(PublishKeys(device_keys=device_keys), published)

    def top_up(self) -> None:
        """Publish more one-time keys if few are left, and a new fallback key if it was used."""

        def counted(answer: Answer) -> None:
            if isinstance(answer, Published):
                self._add(answer, lambda: None, _TRIES)

        self._ask(PublishKeys(), counted)

    def used(self, message: Olm) -> None:
        """Remove the key that a message begins a session with from the unused ones."""
        for keys in (self._unused.one_time, self._unused.fallback):
            for device_id, key in list(keys.items()):
                if begins_with(message, key):
                    del keys[device_id]
        self._keep()

    def _add(self, known: Published, on_added: Callable[[], None], tries: int) -> None:
        """Publish the keys that the server lacks; they are stored before they are sent."""
        replace = not self._unused.one_time.keys() >= set(known.one_time_keys)
        count = 0 if replace else len(known.one_time_keys)
        has_fallback = known.fallback in self._unused.fallback and not self._keeps_old_fallback()
        if (count >= _FEW and has_fallback) or not tries:
            on_added()
            return
        one_time = self._identity.new_one_time_keys(_ENOUGH - count)
        fallback = {} if has_fallback else self._identity.new_fallback_key()
        kept = set(known.one_time_keys)
        self._unused.one_time = {
            device_id: key for device_id, key in self._unused.one_time.items() if device_id in kept
        } | _public(one_time)
        if fallback:
            self._note_fallback(known.fallback)
            self._unused.fallback = _public(fallback)
        self._keep()

        def added(answer: Answer) -> None:
            # After a conflict, too: these ids are taken, and the library has to use others.
            if isinstance(answer, Published | Conflict):
                self._identity.published()
                self._keys.put("identity", self._identity.pickle())
            if isinstance(answer, Published):
                # May be fewer than sent: ids in use before this database was restored are rejected.
                self._add(answer, on_added, tries - 1)
            elif isinstance(answer, Conflict):
                self._add(known, on_added, tries - 1)
            elif isinstance(answer, ProtocolError):
                on_added()

        request = PublishKeys(
            one_time_keys=_raw(one_time), fallback_keys=_raw(fallback), replace=replace
        )
        self._ask(request, added)

    def _note_fallback(self, before: str) -> None:
        """Note since when the previous fallback key, if it was used, stays for late messages."""
        was_used = bool(before) and before not in self._unused.fallback
        self._keys.put("old_fallback_since", repr(time.time()) if was_used else None)

    def _keeps_old_fallback(self) -> bool:
        """Whether to renew the fallback key, so that the library drops the one before it.

        vodozemac keeps one previous key. Whoever steals the device could decrypt messages that
        were sent with it.
        """
        since = self._keys.get("old_fallback_since")
        # Below 0 the clock was set back: the old key must not be kept for that long.
        return since is not None and not 0 <= time.time() - float(since) < _OLD_FALLBACK_KEPT

    def _keep(self) -> None:
        with self._keys.transaction():
            self._keys.put("identity", self._identity.pickle())
            self._keys.put("unused_keys", msgspec.json.encode(self._unused).decode())


def _raw(keys: dict[str, bytes]) -> dict[str, Raw]:
    return {device_id: Raw(key) for device_id, key in keys.items()}


def _public(keys: dict[str, bytes]) -> dict[str, str]:
    return {device_id: str(msgspec.json.decode(key)["key"]) for device_id, key in keys.items()}
