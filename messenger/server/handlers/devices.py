"""The account's own devices: listing and removing them."""

import logging

from messenger.jim.base import Reply
from messenger.jim.devices import ForgetDevice, ListOwnDevices, OwnDevice, OwnDevices
from messenger.jim.errors import DeviceRemoved, Forbidden, NotFound
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.devices import end_device, is_part
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import keys as key_store

_logger = logging.getLogger("messenger.server")


@action(ListOwnDevices)
@log
@login_required
async def own_devices(
    services: Services, session: Session, account: Account, request: ListOwnDevices
) -> OwnDevices:
    """List the account's devices."""
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
    """Remove another device of the account, with the programs on it; end their sessions."""
    if account.guest or account.id is None:
        raise Forbidden("A guest has no devices")
    if await services.read_pool.read(key_store.device_row, account.id, request.device) is None:
        raise NotFound("You have no such device")
    if is_part(session.device, request.device):
        # This connection would go on, as a device without keys.
        raise Forbidden("This is the device that you are using: log out instead")
    services.device_lists.invalidate_for(account)
    await services.journal.write(account_store.forget_device, account.id, request.device)
    removed = DeviceRemoved("This device was removed by another one of yours")
    end_device(services, account, request.device, removed, but=session)
    _logger.info("%r has removed the device %r", account.name, request.device)
    return Reply(200, alert=localized(session, "The device is removed"))
