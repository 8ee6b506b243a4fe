"""To-device messages: sending them, and the inbox of a device."""

import time

from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.devices import (
    GetInbox,
    InboxPage,
    ReceivedToDevice,
    ToDevice,
    ToDeviceArrived,
    ToDeviceMessage,
)
from messenger.jim.errors import BadRequest, TextTooLong
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.blocks import unreachable
from messenger.server.devices import own_device
from messenger.server.pages import encoded_size, page_of
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import keys as key_store
from messenger.server.store import to_device as to_device_store

_MAX_SENT = 100  # at a time: they are stored in one transaction, which messages have to wait for
_PAGE = 100  # `page_of` cuts it where the messages are large
_MAX_BYTES = 48 * 1024
"""Of one message: the largest brings 500 trust records to an approved device, in 31 KB."""


@action(ToDevice)
@log
@login_required
async def to_device(
    services: Services, session: Session, account: Account, request: ToDevice
) -> Reply:
    """Store to-device messages, and deliver them to devices that are online."""
    own_device(session, account)
    if len(request.messages) > _MAX_SENT:
        raise BadRequest("At most {most} to-device messages at a time", most=_MAX_SENT)
    if any(len(message.message.encode()) > _MAX_BYTES for message in request.messages):
        raise TextTooLong("A to-device message may have at most {most} bytes", most=_MAX_BYTES)
    barred = await unreachable(services, account, {one.account_name for one in request.messages})
    sent = [message for message in request.messages if message.account_name not in barred]
    written = [(message.account_name, message.device, message.message) for message in sent]
    limits = services.limits
    quota = to_device_store.Quota(
        limits.to_device_queue, limits.to_device_per_sender, limits.to_device_bytes_per_sender
    )
    numbers = await services.journal.write(
        to_device_store.add_to_device, account.name, written, quota
    )
    for message, seq in zip(sent, numbers, strict=True):
        if seq is not None:
            _deliver(services, message, ReceivedToDevice(seq, account.name, message.message))
    return Reply(200)


@action(GetInbox)
@log
@login_required
async def inbox(
    services: Services, session: Session, account: Account, request: GetInbox
) -> InboxPage:
    """Return the to-device messages for this device; those up to `after` are deleted."""
    account_id = own_device(session, account)
    number = await services.read_pool.read(key_store.device_row, account_id, session.device)
    if number is None:
        raise BadRequest("This device is not known: log in again")
    rows, last = await services.journal.write(to_device_store.inbox, number, request.after, _PAGE)
    messages = page_of((ReceivedToDevice(*row) for row in rows), encoded_size)
    return InboxPage(200, to_device=messages, last=last)


def _deliver(services: Services, message: ToDeviceMessage, received: ReceivedToDevice) -> None:
    """Send it to its device if that is online; a blocked one gets the last, and sees the gap."""
    account = services.online.get(message.account_name)
    # Several programs may claim the same device id: each is told, and fetches by number.
    for session in account.sessions if account else ():
        if session.device == message.device and session.receives_to_device:
            event = encode(ToDeviceArrived(time=time.time(), message=received)) + b"\n"
            if session.connection.blocked:
                session.to_device_due = event
            else:
                session.connection.send(event)
