"""Commands for encryption: who people are, the user's own devices, backups."""

from collections.abc import Callable
from pathlib import Path

from messenger.jim.names import is_room
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.backup import back_up, check_target
from messenger.sdk.password_store import has_keyring
from messenger.sdk.profiles import LockedBy
from messenger.sdk.store import IdentityTrust
from messenger.sdk.verbs.devices import KnownDevice
from messenger.ui.commands.arguments import Usage, is_known, one, quoted, room
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.notices import Action, Do, Notice
from messenger.ui.progress import progress_shown
from messenger.ui.wording import shown_name, trust_name, when

_GROUPS_A_LINE = 4


@command(
    "verify",
    N_("[NAME] [yes|accept|qr|emoji|same|differ]"),
    N_("verify a contact"),
    more=(
        N_("/verify NAME shows a number: compare it when you meet, or by phone"),
        N_("yes: the numbers are the same"),
        N_("qr: show the number as a QR code"),
        N_("emoji: compare seven emoji instead, where both are online"),
        N_("same, differ: the emoji are the same, or not"),
        N_("accept: continue with somebody whose keys have changed, unverified"),
    ),
)
def _verify(controller: ConversationController, rest: str) -> None:
    name, trust_record = _name_and(rest, controller, tuple(_TRUST_RECORDS))
    _TRUST_RECORDS.get(trust_record, _show_number)(controller, name)


def _verify_now(controller: ConversationController, name: str) -> None:
    controller.client.keys.verify(name)
    controller.show(_("{name} is verified.", name=shown_name(name)))


def _accept(controller: ConversationController, name: str) -> None:
    shown = shown_name(name)
    if not controller.client.keys.has_changed(name):
        raise Usage(_("Nothing has changed: {name} needs no decision.", name=shown))
    controller.client.keys.accept(name)
    controller.show(_("Continuing with {name}, unverified.", name=shown))


def _show_number_as_qr(controller: ConversationController, name: str) -> None:
    controller.show_code(controller.client.keys.safety_number(name))


def _compare(controller: ConversationController, name: str) -> None:
    controller.client.keys.request_verification(name)
    said = N_("Waiting for {name}. Then both of you see seven emoji.")
    controller.show(_(said, name=shown_name(name)))


def _agree(controller: ConversationController, name: str) -> None:
    keys = controller.client.keys
    keys.agree(name)
    if keys.trust_of(name) is not IdentityTrust.VERIFIED:
        controller.show(_("Waiting until {name} says the same.", name=shown_name(name)))


def _differ(controller: ConversationController, name: str) -> None:
    controller.client.keys.differ(name)
    said = N_("{name} is not verified: someone may be intercepting your messages.")
    controller.show(_(said, name=shown_name(name)))


_TRUST_RECORDS: dict[str, Callable[[ConversationController, str], None]] = {
    "yes": _verify_now,
    "accept": _accept,
    "qr": _show_number_as_qr,
    "emoji": _compare,
    "same": _agree,
    "differ": _differ,
}


def _show_number(controller: ConversationController, name: str) -> None:
    keys, shown = controller.client.keys, shown_name(name)
    number = keys.safety_number(name)
    trust = keys.trust_of(name)
    controller.show(f"{shown}: {trust_name(trust)}")
    groups = number.split()
    for start in range(0, len(groups), _GROUPS_A_LINE):
        controller.show("    " + " ".join(groups[start : start + _GROUPS_A_LINE]))
    controller.show(
        _(
            "{name} sees this number, too, with /verify. Compare it when you meet, or by "
            "phone. If the numbers match: /verify {argument} yes. If not, someone may be "
            "intercepting your messages. If both are online: /verify {argument} emoji",
            name=shown,
            argument=quoted(name),
        )
    )
    if trust is IdentityTrust.CHANGED:
        said = N_("To continue without comparing: /verify {argument} accept")
        controller.show(_(said, argument=quoted(name)))


@command("encrypt", N_("[#ROOM]"), N_("allow only encrypted messages in your room"))
def _encrypt(controller: ConversationController, rest: str) -> None:
    controller.client.encrypt_room(room(controller, rest))


@command("plain", N_("[off]"), N_("send without encryption here what cannot be encrypted"))
def _plain(controller: ConversationController, rest: str) -> None:
    if rest not in ("", "off"):
        raise Usage
    name = visible(controller.current)
    if rest == "off":
        controller.client.keys.write_plain(controller.current, allowed=False)
        controller.show(_("Nothing is sent to {name} unencrypted any more.", name=name))
    elif controller.prompter.agrees(_("The server will be able to read it. Send unencrypted?")):
        controller.client.keys.write_plain(controller.current)
        controller.show(_("What cannot be encrypted for {name} is sent unencrypted.", name=name))


@command("joiners", N_("all|new"), N_("set whether new members can read older messages"))
def _joiners(controller: ConversationController, rest: str) -> None:
    if rest not in ("all", "new"):
        raise Usage
    controller.client.show_history(room(controller, ""), shown=rest == "all")
    said = N_("New members of {room} can read older messages.")
    if rest == "new":
        said = N_("New members of {room} can read messages from then on.")
    controller.show(_(said, room=shown_name(controller.current)))


@command("fingerprint", N_("[NAME]"), N_("show the keys of somebody's devices"))
def _fingerprint(controller: ConversationController, rest: str) -> None:
    if _is_guest(controller):
        return
    name = (
        one(rest) if rest else controller.me if is_room(controller.current) else controller.current
    )
    devices = controller.client.keys.devices_of(name)
    for device in devices:
        controller.show(f"{shown_name(name)}: {visible(device.device_id)}, {_approval(device)}")
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
        notes = [_approval(device)]
        notes += [_("this one")] if device.is_this else []
        if device.last_seen and not device.is_this:
            notes.append(_("last used {when}", when=when(device.last_seen)))
        names = [device.name, device.program]
        name = " · ".join(visible(name) for name in names if name) or visible(device.device_id)
        controller.show(f"{index}. {name}: {', '.join(notes)}")
    if not keys.is_approved:
        controller.show(_("To approve this device, type on another one of yours:"))
        controller.show(f"    /approve {keys.approval_code}")
        if verb == "qr":
            controller.show_code(keys.approval_code)


def _remove_device(
    controller: ConversationController, devices: list[KnownDevice], number: str
) -> None:
    """Remove the device with this number in the list."""
    if not (number.isascii() and number.isdecimal()):
        raise Usage
    index = int(number) - 1
    if not 0 <= index < len(devices):
        raise Usage(_("There is no device {number}: /devices lists yours.", number=number))
    removed = devices[index]
    if removed.is_this:
        raise Usage(_("This is the device that you are using: /logout logs it out."))
    controller.client.keys.forget_device(removed.device_id)
    controller.show(_("The device is removed and logged out: it gets no new messages."))
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


@command("recovery", "", N_("show the code that brings everything back if you lose all devices"))
def _recovery(controller: ConversationController, rest: str) -> None:
    if _is_guest(controller):
        return
    code = controller.client.keys.recovery_code
    if code is None:
        controller.show(_("This device is not approved yet: /devices says how"))
        return
    controller.show(_("Write this down, and keep it in a safe place:"))
    controller.show(f"    {code}")
    controller.show(_("On a new device: /recover CODE"))


@command(
    "recover",
    N_("CODE|kept|new"),
    N_("approve this device by the recovery code or what it kept, or start over with new keys"),
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
    controller.show(_("Older messages stay unreadable on this device, and your contacts are told."))
    if controller.prompter.agrees(_("Start over with new keys?")):
        keys.reset()


@command("backup", N_("FILE"), N_("save all local data to an encrypted file"))
def _backup(controller: ConversationController, rest: str) -> None:
    file = Path(one(rest)).expanduser()
    check_target(file)
    passphrase = controller.prompter.new_passphrase(_("Passphrase for the backup: "))
    if not passphrase:
        controller.show(_("A backup needs a passphrase."))
        return
    back_up(controller.client.store, file, passphrase, progress_shown(controller.show))
    said = _("The backup is in {file}.", file=file)
    controller.tell(Notice(said, (Action(Do.RESTORE, str(file)),)))


@command("lock", "", N_("protect local data with a passphrase, or no longer"))
def _lock(controller: ConversationController, rest: str) -> None:
    passphrase = controller.prompter.new_passphrase()
    by: LockedBy = "passphrase" if passphrase else "keyring" if has_keyring() else "file"
    controller.profile.lock(by, passphrase, controller.client.store)
    said = {
        "passphrase": N_("Local data opens with this passphrase from now on."),
        "keyring": N_("Local data opens with a key in the system's keyring from now on."),
        "file": N_("Local data opens with a key in a file beside it from now on."),
    }
    controller.show(_(said[by]))


def _name_and(
    rest: str, controller: ConversationController, words: tuple[str, ...]
) -> tuple[str, str]:
    """Return the person that is named, or the one who is open, and the word behind."""
    head, _space, last = rest.rpartition(" ")
    if last in words:
        name, word = head.strip(), last
    else:
        name, word = rest, ""
    if not name:
        name = controller.current
    elif " " in name and not name.startswith('"') and not is_known(controller, name):
        raise Usage  # more likely a wrong word than a name with a space
    name = one(name)
    if is_room(name):
        raise Usage
    return name, word


def _is_guest(controller: ConversationController) -> bool:
    """Tell a guest that keys are for accounts."""
    if controller.client.core.is_guest:
        controller.tell(Notice(_("Guests have no keys."), (Action(Do.REGISTER),)))
    return controller.client.core.is_guest


def _approval(device: KnownDevice) -> str:
    return _("approved") if device.approved else _("not approved")
