"""Commands for devices: their keys, and how the user's own are approved, recovered and removed."""

from messenger.jim.names import is_room
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.commands.arguments import Usage, one
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.device_lines import REMOVED, device_approval, device_name, device_notes
from messenger.ui.notices import Do, Notice, NoticeAction
from messenger.ui.wording import shown_name


@command("fingerprint", N_("[NAME]"), N_("show the keys of somebody's devices"))
def _fingerprint(controller: ConversationController, rest: str) -> None:
    if _is_guest(controller):
        return
    name = (
        one(rest) if rest else controller.me if is_room(controller.current) else controller.current
    )
    devices = controller.client.keys.devices_of(name)
    for device in devices:
        controller.show(
            f"{shown_name(name)}: {visible(device.device_id)}, {device_approval(device)}"
        )
        controller.show(f"    {device.fingerprint}")
    if not devices:
        controller.show(_("{name} has no encryption-capable device yet", name=shown_name(name)))


@command("devices", N_("[remove NUMBER|qr]"), N_("list your devices, or remove a lost one"))
def _devices(controller: ConversationController, rest: str) -> None:
    if _is_guest(controller):
        return
    keys = controller.client.keys
    devices = keys.own_devices()
    verb, _space, number = rest.partition(" ")
    if verb == "remove":
        _remove_device(controller, devices, number.strip())
        return
    if rest not in ("", "qr"):
        raise Usage
    for index, device in enumerate(devices, 1):
        notes = [device_approval(device), *device_notes(device)]
        controller.show(f"{index}. {device_name(device)}: {', '.join(notes)}")
    if not keys.is_approved:
        controller.show(_("To approve this device, type on another one of yours:"))
        controller.show(f"    /approve {keys.approval_code}")
        if verb == "qr":
            controller.show_code(keys.approval_code)


def _remove_device(
    controller: ConversationController, devices: list[KnownDevice], number: str
) -> None:
    """Remove the device with this number in the list."""
    # `int` would also take a sign, spaces, underscores and digits of other scripts.
    if not (number.isascii() and number.isdecimal()):
        raise Usage
    index = int(number) - 1
    if not 0 <= index < len(devices):
        raise Usage(_("There is no device {number}: /devices lists yours.", number=number))
    removed = devices[index]
    if removed.is_this:
        raise Usage(_("This is the device that you are using: /logout logs it out."))
    controller.client.keys.forget_device(removed.device_id)
    controller.show(_(REMOVED))
    if removed.approved:
        controller.show(
            _(
                "It was approved, so it has the secret of your account. If it was lost or "
                "stolen, make a new one with /recover new, and change your password."
            )
        )


@command("approve", N_("CODE"), N_("approve a new device of yours that shows this code"))
def _approve(controller: ConversationController, rest: str) -> None:
    if not rest:
        raise Usage
    controller.client.keys.approve(rest)
    controller.show(_("The device is approved, and gets your older messages."))


@command("recovery", "", N_("show the code that restores everything if you lose all devices"))
def _recovery(controller: ConversationController, rest: str) -> None:
    if _is_guest(controller):
        return
    code = controller.client.keys.recovery_code
    if code is None:
        controller.show(_("This device is not approved yet: /devices shows how"))
        return
    controller.show(_("Write this down, and keep it in a safe place:"))
    controller.show(f"    {code}")
    controller.show(_("On a new device: /recover CODE"))
    controller.client.keys.confirm_recovery_code()


@command(
    "recover",
    N_("CODE|kept|new"),
    N_(
        "approve this device by the recovery code or its stored secret, or start over with new keys"
    ),
)
def _recover(controller: ConversationController, rest: str) -> None:
    keys = controller.client.keys
    if not rest:
        raise Usage
    if rest == "kept":
        keys.recover_kept()
        return
    if rest != "new":
        keys.recover(rest)
        return
    controller.show(
        _("Older messages stay unreadable on this device, and your contacts are notified.")
    )
    if controller.prompter.agrees(_("Start over with new keys?")):
        keys.reset()


def _is_guest(controller: ConversationController) -> bool:
    """Return whether the user is a guest; say then that guests have no keys."""
    if controller.client.core.is_guest:
        controller.tell(Notice(_("Guests have no keys."), (NoticeAction(Do.REGISTER),)))
    return controller.client.core.is_guest
