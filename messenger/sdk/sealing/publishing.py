"""One's own keys at the server: published, and topped up as others use them."""

from collections.abc import Callable
from typing import Any

from msgspec import Raw

from messenger.crypto.identity import Identity
from messenger.jim.errors import Conflict, ProtocolError
from messenger.jim.keys import Published
from messenger.jim.requests import PublishKeys, Request
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.store.keys import KeyStore

_ENOUGH = 50
_FEW = 25
_TRIES = 20

Ask = Callable[[Request[Any], OnAnswer], None]
OnPublished = Callable[[Published | ProtocolError], None]


class Publishing:
    """Keeps enough one-time keys, and a fallback key, at the server.

    `since` is when this device's keys were published first, unix time.
    """

    def __init__(self, keys: KeyStore, identity: Identity, ask: Ask) -> None:
        self.since = float(keys.get("keys_since") or 0)
        self._keys = keys
        self._identity = identity
        self._ask = ask

    def publish(self, device_keys: dict[str, Any], on_published: OnPublished) -> None:
        """Publish a device's keys; `on_published` gets what the server has, or why it refuses."""

        def published(answer: Answer) -> None:
            if isinstance(answer, Published):
                self.since = answer.since
                self._keys.put("keys_since", repr(answer.since))
                self._add(answer, lambda: on_published(answer), _TRIES)
            elif isinstance(answer, ProtocolError):
                on_published(answer)

        self._ask(PublishKeys(device_keys=device_keys), published)

    def top_up(self) -> None:
        """Publish more one-time keys if few are left."""

        def counted(answer: Answer) -> None:
            if isinstance(answer, Published):
                self._add(answer, lambda: None, _TRIES)

        self._ask(PublishKeys(), counted)

    def _add(self, there: Published, on_added: Callable[[], None], tries: int) -> None:
        """Publish what is missing of what is there; keys are kept before they leave."""
        if (there.one_time_keys >= _FEW and there.fallback) or not tries:
            on_added()
            return
        one_time = self._identity.new_one_time_keys(max(0, _ENOUGH - there.one_time_keys))
        fallback = {} if there.fallback else self._identity.new_fallback_key()
        self._keys.put("identity", self._identity.pickle())

        def added(answer: Answer) -> None:
            if isinstance(answer, Published | Conflict):
                self._identity.published()
                self._keys.put("identity", self._identity.pickle())
            if isinstance(answer, Conflict):
                # Ids that were used already, before this database was restored: go on to others.
                self._add(there, on_added, tries - 1)
            elif isinstance(answer, Published | ProtocolError):
                on_added()

        request = PublishKeys(one_time_keys=_raw(one_time), fallback_keys=_raw(fallback))
        self._ask(request, added)


def _raw(keys: dict[str, bytes]) -> dict[str, Raw]:
    return {name: Raw(key) for name, key in keys.items()}
