"""Keyrings that fail in unusual ways, or later, lose no key."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from messenger.sdk.errors import StoreUnusable
from messenger.sdk.profiles import Profile
from tests.forking import ROOT
from tests.sdk.test_profiles import Ring, no_code, profile


class BrokenRing(Ring):
    """A keyring whose backend raises exceptions of D-Bus, which are no KeyringErrors."""

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("org.freedesktop.DBus.Error.NoReply")


@pytest.fixture
def broken_ring() -> Iterator[BrokenRing]:
    before = keyring.get_keyring()
    ring = BrokenRing()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_keyring_that_fails_in_its_own_way_is_no_keyring(
    tmp_path: Path, broken_ring: BrokenRing
) -> None:
    made = profile(tmp_path, "Иван")
    made.remember_password("secret", "keyring")
    broken_ring.locked = True

    assert made.password() is None
    with pytest.raises(StoreUnusable, match="NoReply"):
        made.remember_password("other", "keyring")
    made.lock_new()
    assert made.record is not None
    assert made.record.locked_by == "file"
    made.open_store().put("word", "kept")
    made.forget_password()
    assert Profile(made.directory).open_store().get("word") == "kept"


def test_a_keyring_that_fails_later_loses_no_key(tmp_path: Path, broken_ring: BrokenRing) -> None:
    made = profile(tmp_path, "Иван")
    made.lock_new()
    store = made.open_store()
    store.put("word", "kept")
    broken_ring.locked = True

    with pytest.raises(StoreUnusable, match="keyring"):
        Profile(made.directory).unlock(lambda: "", no_code)
    with pytest.raises(StoreUnusable, match="NoReply"):
        made.lock("keyring", opened=store)
    store.close()
    broken_ring.locked = False
    again = Profile(made.directory)
    again.unlock(lambda: "", no_code)
    assert again.open_store().get("word") == "kept"


def test_a_keyring_that_is_configured_and_not_installed_is_none() -> None:
    """It fails at the first use in a process: so in one of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from messenger.sdk.password_store import has_keyring; print(has_keyring())",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyrings.gone.Keyring"},
        cwd=ROOT,
    )
    assert done.stdout == "False\n"
    assert "Traceback" not in done.stderr
