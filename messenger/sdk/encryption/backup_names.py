"""By which names the keys of sessions are backed up."""

from messenger.sdk.store.inbound_sessions import OWNER_LENGTH, InboundSession


def backup_name(inbound: InboundSession) -> str:
    """Return the name by which a session's key is backed up.

    It names the owner: who claims another's session must not replace the owner's key. A key that
    opens later messages only has a name of its own: it must not replace one of all.
    """
    return entry_name(inbound.name, inbound.first)


def entry_name(session: str, first: int) -> str:
    """Return the name by which the key of a session is backed up that opens it from `first` on."""
    separator = "" if " " in session else " "  # Where its owner is not known.
    return f"{session}{separator}{first:x}" if first else session


def session_of_backup(name: str) -> str:
    """Return the name of the session whose key is backed up by a name."""
    session_id, _, rest = name.partition(" ")
    owner = rest[:OWNER_LENGTH]
    # What clients of older days have backed up names no owner.
    return f"{session_id} {owner}" if len(owner) == OWNER_LENGTH else session_id
