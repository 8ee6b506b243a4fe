"""Commands about keys: one's devices, who people are, backups."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from messenger.console.lines import trust_name, visible, when
from messenger.console.qr import qr_lines
from messenger.console.table import Usage, command
from messenger.jim.names import is_room
from messenger.jim.requests import EncryptRoom, ShowHistory
from messenger.language import N_, _, ngettext
from messenger.sdk.backup import back_up
from messenger.sdk.keys import KnownDevice
from messenger.sdk.profiles import LockedBy
from messenger.sdk.safe import has_keyring
from messenger.sdk.store import Trust

if TYPE_CHECKING:
    from messenger.console.talk import Talk

_GROUPS_A_LINE = 4
_DECISIONS = ("yes", "accept", "qr", "emoji", "same", "differ")
_MANY = 5_000


@command(
    "verify",
    N_("[NAME] [yes|accept|qr|emoji|same|differ]"),
    N_("make sure that somebody is who it seems"),
)
def _verify(talk: "Talk", rest: str) -> None:
    name, decision = _name_and(rest, talk, _DECISIONS)
    keys = talk.client.keys
    shown = visible(name)
    if decision == "yes":
        keys.verify(name)
        talk.show(_("{name} is verified.", name=shown))
    elif decision == "accept":
        keys.accept(name)
        talk.show(_("You go on with {name}, who is not verified.", name=shown))
    elif decision == "qr":
        for line in qr_lines(keys.safety_number(name)):
            talk.show(line)
    elif decision == "emoji":
        keys.compare(name)
        talk.show(_("{name} is asked, too. Both of you will see seven emoji.", name=shown))
    elif decision == "same":
        keys.agree(name)
    elif decision == "differ":
        keys.differ(name)
        talk.show(_("Nobody is verified: somebody may be between you and {name}.", name=shown))
    else:
        number = keys.safety_number(name)
        trust = keys.trust_of(name)
        talk.show(f"{shown}: {trust_name(trust)}")
        groups = number.split()
        for start in range(0, len(groups), _GROUPS_A_LINE):
            talk.show("    " + " ".join(groups[start : start + _GROUPS_A_LINE]))
        talk.show(
            _(
                "{name} sees the same number with /verify. Compare it when you meet, or call. "
                "The same: /verify {name} yes. Another: somebody is between you. Both online: "
                "/verify {name} emoji",
                name=shown,
            )
        )
        if trust is Trust.CHANGED:
            talk.show(_("Or go on without having compared it: /verify {name} accept", name=shown))


@command("encrypt", N_("[#ROOM]"), N_("let nothing into your room that is not encrypted"))
def _encrypt(talk: "Talk", rest: str) -> None:
    room = rest or talk.current
    if not is_room(room):
        raise Usage
    talk.client.ask(EncryptRoom(room=room))


@command("joiners", N_("all|new"), N_("say what those who join your room can read"))
def _joiners(talk: "Talk", rest: str) -> None:
    if rest not in ("all", "new"):
        raise Usage
    if not is_room(talk.current):
        raise Usage
    talk.client.ask(ShowHistory(room=talk.current, shown=rest == "all"))
    said = N_("Who joins {room} reads what was written before, too.")
    if rest == "new":
        said = N_("Who joins {room} reads what is written from then on.")
    talk.show(_(said, room=visible(talk.current)))


@command("fingerprint", N_("[NAME]"), N_("show the keys of somebody's devices"))
def _fingerprint(talk: "Talk", rest: str) -> None:
    name = rest or (talk.me if is_room(talk.current) else talk.current)
    devices = talk.client.keys.devices_of(name)
    for device in devices:
        talk.show(f"{visible(name)}: {visible(device.ident)}, {_approval(device)}")
        talk.show(f"    {device.fingerprint}")
    if not devices:
        talk.show(_("{name} has used no program yet that encrypts", name=visible(name)))


@command("devices", N_("[remove NUMBER|qr]"), N_("list your devices, or remove a lost one"))
def _devices(talk: "Talk", rest: str) -> None:
    keys = talk.client.keys
    devices = keys.own_devices()
    verb, _space, number = rest.partition(" ")
    if verb == "remove" and number.isdecimal() and 0 < int(number) <= len(devices):
        keys.forget_device(devices[int(number) - 1].ident)
        talk.show(_("The device is removed: nothing is encrypted for it any more."))
        return
    if rest not in ("", "qr"):
        raise Usage
    for index, device in enumerate(devices, 1):
        notes = [_approval(device)]
        notes += [_("this one")] if device.is_this else []
        notes += [when(device.last_seen)] if device.last_seen else []
        program = visible(device.program or device.name or device.ident)
        talk.show(f"{index}. {program}: {', '.join(notes)}")
    if not keys.is_approved:
        talk.show(_("To approve this device, write on another one of yours:"))
        talk.show(f"    /approve {keys.approval_code}")
        for line in qr_lines(keys.approval_code) if verb == "qr" else ():
            talk.show(line)


@command("approve", N_("CODE"), N_("approve a new device of yours that shows this code"))
def _approve(talk: "Talk", rest: str) -> None:
    if not rest:
        raise Usage
    talk.client.keys.approve(rest)
    talk.show(_("The device is approved, and gets what was written before."))


@command("recovery", "", N_("show the code that brings everything back if all devices are lost"))
def _recovery(talk: "Talk", rest: str) -> None:
    code = talk.client.keys.recovery_code
    if code is None:
        talk.show(_("This device is not approved yet: /devices says how"))
        return
    talk.show(_("Write this down, and keep it where nobody else finds it:"))
    talk.show(f"    {code}")
    talk.show(_("On a new device: /recover CODE"))


@command("recover", N_("CODE|new"), N_("approve this device by the recovery code, or begin anew"))
def _recover(talk: "Talk", rest: str) -> None:
    keys = talk.client.keys
    if not rest:
        raise Usage
    if rest != "new":
        keys.recover(rest)
        return
    question = _("What was written before stays unreadable here, and others are told. Begin anew?")
    if talk.keys.agrees(question):
        keys.reset()


@command("backup", N_("FILE"), N_("write everything that is kept here to an encrypted file"))
def _backup(talk: "Talk", rest: str) -> None:
    if not rest:
        raise Usage
    file = Path(rest).expanduser()
    passphrase = talk.keys.new_passphrase()
    if not passphrase:
        talk.show(_("A backup needs a passphrase."))
        return
    back_up(talk.client.store, file, passphrase, progress_shown(talk.show))
    talk.show(_("The backup is in {file}; --restore {file} brings it back.", file=file))


@command("lock", "", N_("lock what is kept on this computer with a passphrase, or no longer"))
def _lock(talk: "Talk", rest: str) -> None:
    passphrase = talk.keys.new_passphrase()
    by: LockedBy = "passphrase" if passphrase else "keyring" if has_keyring() else "file"
    talk.profile.lock(by, passphrase, talk.client.store)
    said = {
        "passphrase": N_("What is kept here opens with this passphrase from now on."),
        "keyring": N_("What is kept here opens with a key in the system's keyring from now on."),
        "file": N_("What is kept here opens with a key in a file beside it from now on."),
    }
    talk.show(_(said[by]))


def progress_shown(show: Callable[[str], None]) -> Callable[[int, int], None]:
    """Return what shows progress, in quarters."""
    shown = 0

    def progress(done: int, of: int) -> None:
        nonlocal shown
        quarter = 4 * done // max(1, of)
        if quarter > shown and of > _MANY:
            shown = quarter
            text = ngettext("{done} of {count} row", "{done} of {count} rows", of, done=done)
            show(text)

    return progress


def _name_and(rest: str, talk: "Talk", words: tuple[str, ...]) -> tuple[str, str]:
    """Return the person that is named, or the one who is open, and the word behind."""
    head, _space, last = rest.rpartition(" ")
    if last in words:
        name, word = head.strip(), last
    else:
        name, word = rest, ""
    name = name or talk.current
    if is_room(name):
        raise Usage
    return name, word


def _approval(device: KnownDevice) -> str:
    return _("approved") if device.approved else _("not approved")
