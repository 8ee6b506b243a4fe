"""Keys for end-to-end encryption: published, listed, claimed; and letters between devices."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from messenger.crypto.accounts import AccountIdentity, parse_identity, trim_device, trim_identity
from messenger.crypto.devices import Device, parse_device
from messenger.crypto.signed import Forged, canonical
from messenger.jim.errors import (
    BackupFull,
    BadRequest,
    Conflict,
    DeviceRemoved,
    Forbidden,
    NotFound,
    TextTooLong,
    TooMany,
)
from messenger.jim.events import LetterArrived
from messenger.jim.keys import (
    BackedUp,
    Claimed,
    ClaimedKey,
    Devices,
    Letter,
    Letters,
    OwnDevice,
    OwnDevices,
    Published,
    ReceivedLetter,
)
from messenger.jim.messages import encode
from messenger.jim.names import EVERYONE, room_name
from messenger.jim.replies import Reply
from messenger.jim.requests import (
    BackUpKeys,
    ClaimKeys,
    ForgetDevice,
    Inbox,
    ListDevices,
    ListOwnDevices,
    PublishKeys,
    RestoreKeys,
    ToDevice,
)
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.devices import end_device, is_part
from messenger.server.handlers.messages import route
from messenger.server.pages import encoded_size, page_of
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import keys as key_store
from messenger.server.store import letters as letter_store

_logger = logging.getLogger("messenger.server")

_MAX_KEYS = 100
_PAGE = 100
_RESTORED = 500

# So that lists of devices, and pages of what others have sent, are none that a client cannot take.
# With the longest names a device's keys have 2.2 KB, an identity 2.4, a session's key 4.9. The
# largest to-device message tells a device that is approved of 500 decisions, in 31 KB.
_KEYS_BYTES = 4 * 1024
_LETTER_BYTES = 48 * 1024
_BACKED_UP_BYTES = 8 * 1024
_URGENT = 1_000  # Trust decisions: few people have verified more than some hundreds.


@action(PublishKeys, rate=None)
@log
@login_required
async def publish(
    services: Services, session: Session, account: Account, request: PublishKeys
) -> Published:
    """Keep this device's keys for those who write to it."""
    account_id = _device(session, account)
    if len(request.one_time_keys) > _MAX_KEYS or len(request.fallback_keys) > 1:
        raise BadRequest(
            "At most {most} one-time keys and one fallback key at a time", most=_MAX_KEYS
        )
    one_time, fallback = _texts(request.one_time_keys), _texts(request.fallback_keys)
    device, is_changed = None, False
    if request.device_keys is not None:
        device, is_changed = await _take_device(services, session, account, request)
    if request.identity is not None:
        await _set_identity(services, account, account_id, request.identity, reset=request.reset)
    if is_changed:
        # Nothing is awaited before it is written: who asks between would keep the list of before.
        services.device_lists.invalidate_for(account)
    try:
        found = await services.journal.write(
            key_store.publish,
            account_id,
            session.device,
            device=device,
            one_time=one_time,
            fallback=next(iter(fallback.items()), None),
            replace=request.replace,
            most=_MAX_KEYS,
        )
    except key_store.TooManyKeys as error:
        raise BadRequest("A device has at most {most} one-time keys", most=_MAX_KEYS) from error
    except key_store.TakenId as error:
        raise Conflict(
            "The one-time key {error} was published with another value", error=error
        ) from error
    if found is None:
        raise BadRequest("This device is not known: log in again")
    identity = msgspec.json.decode(found.identity) if found.identity else None
    return Published(
        200,
        one_time_keys=found.one_time_keys,
        fallback=found.fallback,
        since=found.since,
        identity=identity,
    )


async def _take_device(
    services: Services, session: Session, account: Account, request: PublishKeys
) -> tuple[tuple[str, str], bool]:
    """Return the device's keys as others get them, its Ed25519 key, and whether they are new.

    Raises Conflict.
    """
    account_id = _device(session, account)
    known, stored = await services.read_pool.read(key_store.published, account_id, session.device)
    keys = request.identity or (msgspec.json.decode(stored) if stored else None)
    identity = _parse_identity(account.name, keys) if keys else None
    device = _parse_device(account.name, session.device, canonical(request.device_keys))
    text = _bounded(trim_device(device, identity))
    if known is not None and not _same_device(account.name, session.device, known, text):
        raise Conflict("This device has other keys: let the client take a new device id")
    return (text, device.ed25519), known != text


async def _set_identity(
    services: Services, account: Account, account_id: int, keys: dict[str, Any], *, reset: bool
) -> None:
    identity = _parse_identity(account.name, keys)
    try:
        text = _bounded(trim_identity(identity, keys))
    except Forged as error:
        raise BadRequest(str(error)) from error
    if reset and (wait := services.rates.resets.take(account.name)):
        raise TooMany("Identities are replaced too often", retry_after=wait)
    services.device_lists.invalidate_for(account)
    try:
        await services.journal.write(
            key_store.set_identity, account_id, text, identity.master, reset=reset
        )
    except key_store.OtherIdentity as error:
        raise Conflict("This account has an identity: approve this device, or reset it") from error


@action(ListDevices)
@log
@login_required
async def list_devices(
    services: Services, session: Session, account: Account, request: ListDevices
) -> Devices:
    """List whom a message to a conversation has to be sealed for."""
    if room_name(request.conversation) == EVERYONE:
        raise BadRequest("The common chat is open: what is written there is not sealed")
    conversation = await route(services, account, request.conversation)
    device_list = await services.device_lists.of(conversation)
    return Devices(
        200,
        conversation=request.conversation,
        version=device_list.version,
        devices=list(device_list.devices.values()),
        identities=list(device_list.identities.values()),
        plain=sorted(device_list.plain),
        unique_id=conversation.unique_id,
    )


@action(ClaimKeys)
@log
@login_required
async def claim(
    services: Services, session: Session, account: Account, request: ClaimKeys
) -> Claimed:
    """Hand out one-time keys; to whom asks too often the fallback key, which is not used up."""
    _device(session, account)
    if len(request.devices) > _PAGE:
        raise BadRequest("At most {most} devices at a time", most=_PAGE)
    wanted = []
    for name in request.devices:
        # Not by the device that asks: whoever does may call theirs as they like.
        pair = f"{account.name}\n{name.account_name}\n{name.device}"
        once = not services.rates.claims.take(pair)
        wanted.append((name.account_name, name.device, once))
    rows = await services.journal.write(key_store.claim, wanted)
    keys = [
        ClaimedKey(name.account_name, name.device, row.key_id, Raw(row.key.encode()))
        for name, row in zip(request.devices, rows, strict=True)
        if row is not None
    ]
    return Claimed(200, keys=keys)


@action(ToDevice)
@log
@login_required
async def to_device(
    services: Services, session: Session, account: Account, request: ToDevice
) -> Reply:
    """Keep letters for their devices, and hand them on to those that are here."""
    _device(session, account)
    if len(request.letters) > _PAGE:
        raise BadRequest("At most {most} letters at a time", most=_PAGE)
    if any(len(letter.message.encode()) > _LETTER_BYTES for letter in request.letters):
        raise TextTooLong("A to-device message may have at most {most} bytes", most=_LETTER_BYTES)
    written = [(letter.account_name, letter.device, letter.message) for letter in request.letters]
    limits = services.limits
    quota = letter_store.Quota(
        limits.to_device_queue, limits.to_device_per_sender, limits.to_device_bytes_per_sender
    )
    numbers = await services.journal.write(letter_store.add_letters, account.name, written, quota)
    for letter, seq in zip(request.letters, numbers, strict=True):
        if seq is not None:
            _hand_on(services, letter, ReceivedLetter(seq, account.name, letter.message))
    return Reply(200)


@action(Inbox)
@log
@login_required
async def inbox(services: Services, session: Session, account: Account, request: Inbox) -> Letters:
    """Return letters to this device; those up to `after` are forgotten."""
    account_id = _device(session, account)
    number = await services.read_pool.read(key_store.device_id, account_id, session.device)
    if number is None:
        raise BadRequest("This device is not known: log in again")
    rows, last = await services.journal.write(letter_store.inbox, number, request.after, _PAGE)
    letters = page_of((ReceivedLetter(*row) for row in rows), encoded_size)
    return Letters(200, letters=letters, last=last)


@action(BackUpKeys, rate=None)
@log
@login_required
async def back_up(
    services: Services, session: Session, account: Account, request: BackUpKeys
) -> Reply:
    """Keep keys of sessions for the account's other devices; nobody else can open them."""
    account_id = _device(session, account)
    names = [*request.keys, *request.forget]
    max_at_once = max(len(request.keys), len(request.forget))
    if max_at_once > _PAGE or any(not 0 < len(name) <= 64 for name in names):
        raise BadRequest(
            "At most {most} keys at a time, by ids of at most 64 characters", most=_PAGE
        )
    if any(len(sealed.encode()) > _BACKED_UP_BYTES for sealed in request.keys.values()):
        raise TextTooLong(
            "A key in the backup may have at most {most} bytes", most=_BACKED_UP_BYTES
        )
    if wait := services.rates.backups.take(account.name):
        raise TooMany("Too many keys are backed up at once", retry_after=wait)
    most = services.limits.key_backups + (_URGENT if request.is_urgent else 0)
    try:
        await services.journal.write(
            key_store.back_up, account_id, request.keys, request.forget, most
        )
    except key_store.NoRoom as error:
        raise BackupFull("At most {most} keys are backed up for an account", most=most) from error
    return Reply(200)


@action(RestoreKeys)
@log
@login_required
async def restore(
    services: Services, session: Session, account: Account, request: RestoreKeys
) -> BackedUp:
    """Return a page of what was backed up: of everything, or of what has these names."""
    account_id = _device(session, account)
    if len(request.names) > _PAGE:
        raise BadRequest("At most {most} names at a time", most=_PAGE)
    names = frozenset(request.names)
    found = await services.read_pool.read(
        key_store.backed_up, account_id, request.after, _RESTORED, names
    )
    keys = dict(page_of(found.items(), encoded_size))
    is_last = len(keys) == len(found) < _RESTORED
    return BackedUp(200, keys=keys, next=None if is_last else next(reversed(keys)))


@action(ListOwnDevices)
@log
@login_required
async def own_devices(
    services: Services, session: Session, account: Account, request: ListOwnDevices
) -> OwnDevices:
    """List one's own devices."""
    if account.guest or account.id is None:
        return OwnDevices(200)
    rows = await services.read_pool.read(key_store.devices_of, account.id)
    return OwnDevices(200, devices=[OwnDevice(*row) for row in rows])


@action(ForgetDevice)
@log
@login_required
async def forget_device(
    services: Services, session: Session, account: Account, request: ForgetDevice
) -> Reply:
    """Remove another device of the account with the programs beside it; end their connections."""
    if account.guest or account.id is None:
        raise Forbidden("A guest has no devices")
    if await services.read_pool.read(key_store.device_id, account.id, request.device) is None:
        raise NotFound("You have no such device")
    if is_part(session.device, request.device):
        # Half of it would stay: this connection goes on, as a device that has no keys.
        raise Forbidden("This is the device that you are using: log out instead")
    services.device_lists.invalidate_for(account)
    await services.journal.write(account_store.forget_device, account.id, request.device)
    removed = DeviceRemoved("This device was removed by another one of yours")
    end_device(services, account, request.device, removed, but=session)
    _logger.info("%r has removed the device %r", account.name, request.device)
    return Reply(200, alert=localized(session, "The device is removed"))


def _hand_on(services: Services, letter: Letter, received: ReceivedLetter) -> None:
    """Send a letter to its device if it is online; a slow one gets the last, and sees the gap."""
    account = services.online.get(letter.account_name)
    for session in account.sessions if account else ():
        if session.device == letter.device and session.letters:
            event = encode(LetterArrived(time=time.time(), letter=received)) + b"\n"
            if session.connection.blocked:
                session.letter_due = event
            else:
                session.connection.send(event)


def _device(session: Session, account: Account) -> int:
    """Return the account's id; raises Forbidden for those who have no device of their own."""
    if account.guest or account.id is None:
        raise Forbidden("A guest has no keys: register first")
    if not session.device:
        raise Forbidden("Say in the greeting which `device` this is")
    return account.id


def _parse_device(account: str, ident: str, keys: bytes) -> Device:
    try:
        return parse_device(account, ident, keys)
    except Forged as error:
        raise BadRequest("{error}: they are signed by the device itself", error=error) from error


def _parse_identity(account: str, keys: dict[str, Any]) -> AccountIdentity:
    try:
        return parse_identity(account, keys)
    except Forged as error:
        raise BadRequest(str(error)) from error


def _bounded(keys: bytes) -> str:
    """Return keys as text; raises TextTooLong for what is larger than any of a real client."""
    if len(keys) > _KEYS_BYTES:
        raise TextTooLong("A published key may have at most {most} bytes", most=_KEYS_BYTES)
    return keys.decode()


def _same_device(account: str, ident: str, *published: str) -> bool:
    """Tell whether these are the keys of one device, whoever has signed them since."""
    devices = [parse_device(account, ident, keys.encode()) for keys in published]
    return len({(device.curve25519, device.ed25519) for device in devices}) == 1


def _texts(keys: Mapping[str, Raw]) -> dict[str, str]:
    for name, key in keys.items():
        if not 0 < len(name) <= 64:
            raise BadRequest("A key's id has 1 to 64 characters")
        try:
            msgspec.json.decode(bytes(key), type=dict[str, msgspec.Raw])
        except msgspec.MsgspecError as error:
            raise BadRequest("The key {name} is no object", name=name) from error
    return {name: _bounded(bytes(key)) for name, key in keys.items()}
