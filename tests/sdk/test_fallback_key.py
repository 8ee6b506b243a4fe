"""A used fallback key is deleted after a while: messages sent with it stay secret."""

from typing import Any

import pytest

from messenger.crypto.identity import CannotDecrypt, Identity, Olm
from messenger.jim.devices import Published, PublishKeys
from messenger.sdk.encryption import key_upload
from messenger.sdk.encryption.key_upload import KeyUpload
from messenger.sdk.store import Store
from tests.sdk.reader import context_of


def test_a_used_fallback_key_opens_late_messages_for_an_hour_and_none_after_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bob, store = Identity("Иван", "D1"), Store()
    now = [1_000_000.0]
    monkeypatch.setattr(key_upload.time, "time", lambda: now[0])
    there: dict[str, Any] = {"one_time": {}, "fallback": {}}

    def ask(request: PublishKeys, on_answer: Any) -> None:
        there["one_time"] |= request.one_time_keys
        there["fallback"] = request.fallback_keys or there["fallback"]
        names = list(there["one_time"])
        on_answer(Published(200, one_time_keys=names, fallback=next(iter(there["fallback"]), "")))

    published = KeyUpload(context_of(bob, store, ask))  # type: ignore[arg-type]
    published.top_up()
    used = next(iter(published._unused.fallback.values()))

    def message() -> tuple[str, Olm]:
        ann = Identity("ann", "D1")
        return ann.curve25519, Olm.of(ann.begin(bob.device, used).encrypt(b"hi"))

    sender, first = message()
    assert bob.accept(sender, first)[1] == b"hi"
    published.used(first)
    published.top_up()
    assert used not in published._unused.fallback.values()
    assert bob.accept(*message())[1] == b"hi"

    now[0] += 3601
    published.top_up()

    with pytest.raises(CannotDecrypt):
        bob.accept(*message())
