"""Keys for end-to-end encryption: published, listed, claimed."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from messenger.crypto.accounts import AccountIdentity, parse_identity, trim_device, trim_identity
from messenger.crypto.devices import Device, parse_device
from messenger.crypto.signed import SignatureError, canonical
from messenger.jim.devices import (
    Claimed,
    ClaimedKey,
    ClaimKeys,
    Devices,
    ListDevices,
    Published,
    PublishKeys,
)
from messenger.jim.errors import BadRequest, Conflict, TextTooLong, TooMany
from messenger.jim.names import EVERYONE, room_name
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.blocks import unreachable
from messenger.server.devices import own_device
from messenger.server.records import Account, Session
from messenger.server.routing import route
from messenger.server.services import Services
from messenger.server.store import keys as key_store
from messenger.server.store.keys import PublishedRow

_MAX_ONE_TIME_KEYS = 100  # twice as many as our clients keep on the server
_MAX_CLAIMED = 100  # devices at a time: claiming is one transaction, which messages wait for
_MAX_ID = 64  # characters; vodozemac's ids have eleven
_MAX_BYTES = 4 * 1024
"""Of a key as others get it, so that no device list is too large for a client.

With the longest names a device's keys have 2.2 KB, an identity 2.4.
"""


@action(PublishKeys, rate=None)
@log
@login_required
async def publish(
    services: Services, session: Session, account: Account, request: PublishKeys
) -> Published:
    """Store this device's keys, for others to encrypt to it."""
    account_id = own_device(session, account)
    if len(request.one_time_keys) > _MAX_ONE_TIME_KEYS or len(request.fallback_keys) > 1:
        raise BadRequest(
            "At most {most} one-time keys and one fallback key at a time", most=_MAX_ONE_TIME_KEYS
        )
    one_time, fallback = _texts(request.one_time_keys), _texts(request.fallback_keys)
    device, is_changed = None, False
    if request.device_keys is not None:
        device, is_changed = await _check_device(services, session, account, account_id, request)
    if request.identity is not None:
        await _set_identity(services, account, account_id, request.identity, reset=request.reset)
    if is_changed:
        # Nothing is awaited until it is written: a request in between would cache the old list.
        services.device_lists.invalidate_for(account)
    found = await _store(services, session, account_id, request, device, one_time, fallback)
    identity = msgspec.json.decode(found.identity) if found.identity else None
    return Published(
        200,
        one_time_keys=found.one_time_keys,
        fallback=found.fallback,
        since=found.since,
        identity=identity,
    )


async def _store(
    services: Services,
    session: Session,
    account_id: int,
    request: PublishKeys,
    device: tuple[str, str] | None,
    one_time: Mapping[str, str],
    fallback: Mapping[str, str],
) -> PublishedRow:
    """Store the keys, and return those of the device that the server then has."""
    try:
        found = await services.journal.write(
            key_store.publish,
            account_id,
            session.device,
            device=device,
            one_time=one_time,
            fallback=next(iter(fallback.items()), None),
            replace=request.replace,
            max_one_time=_MAX_ONE_TIME_KEYS,
        )
    except key_store.TooManyKeys as error:
        raise BadRequest(
            "A device has at most {most} one-time keys", most=_MAX_ONE_TIME_KEYS
        ) from error
    except key_store.TakenId as error:
        raise Conflict(
            "The one-time key {error} was published with another value", error=error
        ) from error
    if found is None:
        raise BadRequest("This device is not known: log in again")
    return found


async def _check_device(
    services: Services, session: Session, account: Account, account_id: int, request: PublishKeys
) -> tuple[tuple[str, str], bool]:
    """Return the device's keys as others get them, its Ed25519 key, and whether they are new.

    Raises Conflict.
    """
    known, stored = await services.read_pool.read(key_store.published, account_id, session.device)
    keys = request.identity or (msgspec.json.decode(stored) if stored else None)
    identity = _parse_identity(account.name, keys) if keys else None
    device = _parse_device(account.name, session.device, canonical(request.device_keys))
    text = _bounded(trim_device(device, identity))
    if known is not None and not _same_device(account.name, session.device, known, text):
        raise Conflict("This device has other keys: the client needs a new device id")
    return (text, device.ed25519), known != text


async def _set_identity(
    services: Services, account: Account, account_id: int, keys: dict[str, Any], *, reset: bool
) -> None:
    identity = _parse_identity(account.name, keys)
    try:
        text = _bounded(trim_identity(identity, keys))
    except SignatureError as error:
        raise BadRequest(str(error)) from error
    # Everybody who writes to the account is warned of a new identity.
    if reset and (wait := services.rates.resets.take(account.name)):
        raise TooMany(
            "The account's identity is reset too often: try again later", retry_after=wait
        )
    services.device_lists.invalidate_for(account)
    try:
        await services.journal.write(
            key_store.set_identity, account_id, text, identity.master, reset=reset
        )
    except key_store.OtherIdentity as error:
        raise Conflict(
            "This account already has an identity: approve this device, or reset the identity"
        ) from error


@action(ListDevices)
@log
@login_required
async def list_devices(
    services: Services, session: Session, account: Account, request: ListDevices
) -> Devices:
    """Return the device list of a conversation: messages are encrypted for these devices."""
    if room_name(request.conversation) == EVERYONE:
        raise BadRequest("Everyone can read the common chat: messages in it are not encrypted")
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
    """Return one-time keys; too frequent claims get the fallback key, which is not used up."""
    own_device(session, account)
    if len(request.devices) > _MAX_CLAIMED:
        raise BadRequest("At most {most} devices at a time", most=_MAX_CLAIMED)
    barred = await unreachable(services, account, {one.account_name for one in request.devices})
    devices = [name for name in request.devices if name.account_name not in barred]
    wanted = []
    for name in devices:
        # Not counted by the claiming device: a client can choose any device id.
        pair = f"{account.name}\n{name.account_name}\n{name.device}"
        # Nobody can use up the one-time keys that others need: the fallback key serves any number.
        once = not services.rates.claims.take(pair)
        wanted.append((name.account_name, name.device, once))
    rows = await services.journal.write(key_store.claim, wanted)
    keys = [
        ClaimedKey(name.account_name, name.device, row.key_id, Raw(row.key.encode()))
        for name, row in zip(devices, rows, strict=True)
        if row is not None
    ]
    return Claimed(200, keys=keys)


def _parse_device(account: str, device_id: str, keys: bytes) -> Device:
    try:
        return parse_device(account, device_id, keys)
    except SignatureError as error:
        raise BadRequest(
            "{error}: keys must be signed by the device itself", error=error
        ) from error


def _parse_identity(account: str, keys: dict[str, Any]) -> AccountIdentity:
    try:
        return parse_identity(account, keys)
    except SignatureError as error:
        raise BadRequest(str(error)) from error


def _bounded(keys: bytes) -> str:
    """Return keys as text; raises TextTooLong if they are larger than a real client's."""
    if len(keys) > _MAX_BYTES:
        raise TextTooLong("A published key may have at most {most} bytes", most=_MAX_BYTES)
    return keys.decode()


def _same_device(account: str, device_id: str, *published: str) -> bool:
    """Tell whether these are the keys of one device, whoever has signed them since."""
    devices = [parse_device(account, device_id, keys.encode()) for keys in published]
    return len({(device.curve25519, device.ed25519) for device in devices}) == 1


def _texts(keys: Mapping[str, Raw]) -> dict[str, str]:
    for name, key in keys.items():
        if not 0 < len(name) <= _MAX_ID:
            raise BadRequest("A key id must have 1 to 64 characters")
        try:
            # A `Raw` value has not been decoded yet: neither its type nor its UTF-8 is checked.
            msgspec.json.decode(bytes(key).decode(), type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadRequest("The key {name} is not an object", name=name) from error
    return {name: _bounded(bytes(key)) for name, key in keys.items()}
