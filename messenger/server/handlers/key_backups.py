"""The encrypted key backup of an account, from which its other devices restore."""

import time

from messenger.jim.base import Reply
from messenger.jim.devices import BackedUp, BackupChanged, BackUpKeys, RestoreKeys
from messenger.jim.errors import BackupFull, BadRequest, TextTooLong, TooMany
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.devices import own_device
from messenger.server.pages import encoded_size, page_of
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import keys as key_store

_MAX_AT_ONCE = 100  # keys: they are stored in one transaction, which messages have to wait for
_MAX_ID = 64  # characters; a session's id has 43 characters of base64, some with a suffix
_PAGE = 500  # keys of about 1 KB each: half of the largest page
_MAX_BYTES = 8 * 1024
"""Of one key: with the longest names it has 4.9 KB, and a page has to fit what a client accepts."""

_URGENT = 1_000  # more for trust records: few people have verified more than some hundreds


@action(BackUpKeys, rate=None)
@log
@login_required
async def back_up(
    services: Services, session: Session, account: Account, request: BackUpKeys
) -> Reply:
    """Store session keys for the account's other devices; nobody else can decrypt them."""
    account_id = own_device(session, account)
    _check_sizes(request)
    if wait := services.rates.backups.take(account.name):
        raise TooMany("Too many keys are backed up at once", retry_after=wait)
    max_keys = services.limits.key_backups + (_URGENT if request.is_urgent else 0)
    try:
        await services.journal.write(
            key_store.back_up, account_id, request.keys, request.forget, max_keys
        )
    except key_store.NoRoom as error:
        raise BackupFull(
            "At most {most} keys are backed up for an account", most=max_keys
        ) from error
    if request.announce:
        event = BackupChanged(time=time.time(), names=list(request.keys))
        others = (one for one in account.sessions if one is not session and one.receives_to_device)
        services.events.send(event, others)
    return Reply(200)


@action(RestoreKeys)
@log
@login_required
async def restore(
    services: Services, session: Session, account: Account, request: RestoreKeys
) -> BackedUp:
    """Return a page of the backup: of all of it, or of the keys with these names."""
    account_id = own_device(session, account)
    if len(request.names) > _MAX_AT_ONCE:
        raise BadRequest("At most {most} names at a time", most=_MAX_AT_ONCE)
    names = frozenset(request.names)
    found = await services.read_pool.read(
        key_store.backed_up, account_id, request.after, _PAGE, names
    )
    keys = dict(page_of(found.items(), encoded_size))
    # A page that was cut at its size is never the last one.
    is_last = len(keys) == len(found) < _PAGE
    return BackedUp(200, keys=keys, next=None if is_last else next(reversed(keys)))


def _check_sizes(request: BackUpKeys) -> None:
    count = max(len(request.keys), len(request.forget))
    names = (*request.keys, *request.forget)
    if count > _MAX_AT_ONCE or any(not 0 < len(name) <= _MAX_ID for name in names):
        raise BadRequest(
            "At most {most} keys at a time, by ids of at most {length} characters",
            most=_MAX_AT_ONCE,
            length=_MAX_ID,
        )
    if any(len(encrypted.encode()) > _MAX_BYTES for encrypted in request.keys.values()):
        raise TextTooLong("A key in the backup may have at most {most} bytes", most=_MAX_BYTES)
