"""The protection of local data: where their key is, and restoring them from a backup."""

from collections.abc import Callable
from pathlib import Path

from messenger.language import N_, _
from messenger.sdk.backup import Owner, open_backup
from messenger.sdk.password_store import has_keyring
from messenger.sdk.profiles import LockedBy, Profile
from messenger.sdk.store import Store
from messenger.ui.wording import server_name, shown_name

_OPENED: dict[LockedBy, str] = {
    "passphrase": N_("Local data opens with this passphrase from now on."),
    "keyring": N_("Local data opens with a key in the system's keyring from now on."),
    "file": N_("Local data opens with a key in a file beside it from now on."),
}


def protect(profile: Profile, passphrase: str, store: Store) -> str:
    """Encrypt local data by a passphrase, without one by the safest key that needs no typing.

    Return a sentence about what opens them from now on. Raises StoreUnusable.
    """
    by: LockedBy = "passphrase" if passphrase else "keyring" if has_keyring() else "file"
    profile.lock(by, passphrase, store)
    return _(_OPENED[by])


def check_owner(found: Owner | None, wanted: Owner) -> None:
    """Raise ValueError, with a sentence, for a backup of another account; None is of any."""
    if found is not None and found[:3] != wanted[:3]:
        raise ValueError(
            _(
                "This is a backup of {name} on {server}, not of this account.",
                name=shown_name(found.account),
                server=server_name(found.address, found.port),
            )
        )


def restore_profile(
    profile: Profile, file: Path, passphrase: str, progress: Callable[[int, int], None]
) -> None:
    """Replace a profile's local data by those of a backup; raises StoreUnusable.

    The profile is unlocked, and no client uses it. All or nothing, also if it is cancelled.
    """
    store = profile.open_store()
    try:
        with open_backup(file, passphrase) as backup:
            backup.restore(store, progress)
    finally:
        store.close()
