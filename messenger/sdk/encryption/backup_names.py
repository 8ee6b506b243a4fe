"""The names of session keys in the key backup."""

from messenger.sdk.store.inbound_sessions import OWNER_LENGTH, InboundSession


def backup_name(inbound: InboundSession) -> str:
    """Return the name of a session's key in the backup.

    It includes the owner: a device that claims another's session must not replace the owner's key.
    A key of later messages only has a name of its own: it must not replace a key of all messages.
    """
    return entry_name(inbound.name, inbound.first)


def entry_name(session: str, first: int) -> str:
    """Return the name of the key that decrypts a session from message `first` on."""
    separator = (
        "" if " " in session else " "
    )  # The name of a session without a known owner has none.
    return f"{session}{separator}{first:x}" if first else session


def session_of_backup(name: str) -> str:
    """Return the name of the session whose key has this name in the backup."""
    session_id, _, rest = name.partition(" ")
    owner = rest[:OWNER_LENGTH]
    # Keys that earlier versions have backed up name no owner.
    return f"{session_id} {owner}" if len(owner) == OWNER_LENGTH else session_id
