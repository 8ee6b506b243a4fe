"""A server whose key has changed: what that may mean, and what a user can decide to trust."""

from typing import NamedTuple

from messenger.language import N_, _
from messenger.sdk.client import Client
from messenger.sdk.server_identity import (
    AUTHORITY,
    CertificateRenewed,
    KeyReplaced,
    NoAuthority,
    OtherInvited,
    ServerChanged,
    parse_trust,
)
from messenger.ui.errors import explain


class KeyChange(NamedTuple):
    """A changed key in words; `before` and `now` are grouped fingerprints, or empty.

    `trusted` is what `trust_server` takes if the user agrees; empty if the user has to write the
    fingerprint that the server's operator names.
    """

    title: str
    meaning: str
    before: str = ""
    now: str = ""
    trusted: str = ""


_ATTACK = N_(
    "This happens when the operator moves the server or replaces its key; and it happens when "
    "someone intercepts the connection. Nothing has been sent. Ask the operator, by another way "
    "than this one, whether the new key is right."
)
_RENEWED = N_(
    "A certificate authority has signed the new key, so the operator has most likely renewed the "
    "certificate. Nothing has been sent. If you are not sure, ask the operator."
)
_INVITED = N_(
    "The invitation may be old, or for another server; or someone intercepts the connection. "
    "Nothing has been sent. Ask whoever has invited you."
)
_UNSIGNED = N_(
    "Until now a certificate authority vouched for this server ({reason}). Nothing has been sent. "
    "Ask its operator for the fingerprint of its key."
)


def change_of(error: ServerChanged) -> KeyChange:
    """Return what to tell the user about a changed key."""
    if isinstance(error, CertificateRenewed):
        inner = change_of(error.error)
        return inner._replace(meaning=_(_RENEWED), trusted=AUTHORITY)
    if isinstance(error, KeyReplaced):
        return KeyChange(
            _("The server has another key"),
            _(_ATTACK),
            error.known,
            error.found,
            parse_trust(error.found),
        )
    if isinstance(error, OtherInvited):
        title = _("The invitation names another key")
        return KeyChange(title, _(_INVITED), error.known, error.named, parse_trust(error.named))
    reason = error.reason if isinstance(error, NoAuthority) else explain(error)
    return KeyChange(_("Nobody vouches for this server any more"), _(_UNSIGNED, reason=reason))


def in_two_lines(fingerprint: str) -> str:
    """Return a grouped fingerprint with half of its groups on each line, to be compared."""
    groups = fingerprint.split()
    half = len(groups) // 2
    return "\n".join((" ".join(groups[:half]), " ".join(groups[half:])))


def fingerprint_of(written: str) -> str:
    """Return a fingerprint that the user has written; raises ValueError if it is none."""
    found = parse_trust(written)
    if found == AUTHORITY:
        raise ValueError(_("This is not a fingerprint."))
    return found


def trust_server(client: Client, trusted: str) -> None:
    """Trust a server's new key from now on, and connect again: the user has agreed."""
    client.trust.accept(trusted)
    client.log_in(client.core.credentials)
