"""One-time codes that set new passwords: what making and using one means for who is online."""

import hmac
import logging
import time
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection

from messenger.crypto import passwords
from messenger.crypto.certificates import short
from messenger.jim.errors import Unauthorized, WrongCode
from messenger.language import N_, speaking
from messenger.server import tls
from messenger.server.actors import Actor
from messenger.server.administration.accounts import end_sessions
from messenger.server.config import Settings
from messenger.server.errors import CannotStart
from messenger.server.invitations import doubt, link_address
from messenger.server.one_time_codes import letters_of, new_code
from messenger.server.services import Services
from messenger.server.store import account_changes
from messenger.server.store import password_resets as reset_store

_logger = logging.getLogger("messenger.server")

_VALID = 24 * 60 * 60  # seconds: until the next day, when people are in different time zones

WRONG_CODE = N_("This code is wrong, used or expired: ask an administrator for another")


class Made(NamedTuple):
    """A code that was made, its link, and until when it is valid (unix time).

    The link is empty if none can lead to the server; `warning` says why it may not work.
    """

    code: str
    link: str
    expires_at: float
    warning: str


async def make(services: Services, actor: Actor, name: str, language: str) -> Made:
    """Make the code of an account, in place of an earlier one, with a warning in a language.

    Raises NotFound or Conflict.
    """
    code, expires_at = new_code(), time.time() + _VALID

    def prepare(_connection: Connection) -> tuple[str, str]:
        with speaking(language):
            return _link(services.settings, name, code)

    # In a thread that may wait: finding this machine's own name may ask the name service.
    link, warning = await services.read_pool.read(prepare)
    await services.audit.act(
        actor, "admin_reset", name, account_changes.reset, name, _hash(code), expires_at
    )
    return Made(code, link, expires_at, warning)


async def use(services: Services, name: str, code: str, verifier: str) -> None:
    """Set an account's password by a code, and end its sessions.

    Raises WrongCode, which is the same whether there is no such account or another code.
    """
    code_hash = _hash(code)
    row = await services.read_pool.read(reset_store.find, name)
    known = row.code_hash if row is not None else b""
    # Compared in the same time whatever is wrong with it.
    is_same = hmac.compare_digest(code_hash, known or _hash(""))
    if row is None or not is_same or not row.usable:
        raise WrongCode(WRONG_CODE)
    try:
        await services.journal.write(reset_store.use, row.account_id, code_hash, verifier)
    except reset_store.ResetUnusable as error:
        raise WrongCode(WRONG_CODE) from error
    # Nothing is awaited before this: no login with the old password comes in between.
    ended = Unauthorized("The password of this account was reset: log in with the new one")
    end_sessions(services, name, ended)
    _logger.info("%r has set a new password with a code", name)


def _hash(code: str) -> bytes:
    return passwords.hash_token(letters_of(code))


def _link(settings: Settings, name: str, code: str) -> tuple[str, str]:
    """Return the link and a warning; no link if none can lead to the server."""
    try:
        where = link_address(settings).in_link(settings.port)
        key = short(tls.read_fingerprint(settings))
        warning = doubt(settings) or ""
    except CannotStart as error:
        # The code works without a link.
        return "", str(error)
    return f"jim://{where}?reset={code}&user={quote(name, safe='')}&key={key}", warning
