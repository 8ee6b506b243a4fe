"""The words for how long a server's certificate is still valid."""

import time

from messenger.crypto.certificates import SOON
from messenger.language import _, ngettext

_DAY = 24 * 60 * 60


def is_expired(not_after: float) -> bool:
    """Return whether a certificate is valid no more, by its end (unix time)."""
    return not_after < time.time()


def expiry_warning(not_after: float) -> str:
    """Return a warning if a certificate has to be renewed, by its end (unix time), or nothing."""
    if is_expired(not_after):
        return _("It has expired: clients that do not know the key refuse it")
    days = (not_after - time.time()) / _DAY
    if days < SOON:
        return ngettext(
            "It expires in {count} day: renew it", "It expires in {count} days: renew it", int(days)
        )
    return ""
