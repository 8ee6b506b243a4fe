"""Commands for encryption: verification, unencrypted messages, and the protection of local data."""

from collections.abc import Callable
from pathlib import Path

from messenger.jim.names import is_room
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.backup import back_up, check_target
from messenger.sdk.store import IdentityTrust
from messenger.ui.commands.arguments import Usage, is_known, one, quoted, room
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.local_data import protect
from messenger.ui.notices import Do, Notice, NoticeAction
from messenger.ui.progress import progress_shown
from messenger.ui.wording import shown_name, trust_name

_GROUPS_A_LINE = 4  # groups of digits: short lines are easier to compare aloud


@command(
    "verify",
    N_("[NAME] [yes|accept|qr|emoji|same|differ|cancel]"),
    N_("verify a contact"),
    more=(
        N_("/verify NAME shows a number: compare it when you meet, or by phone"),
        N_("yes: the numbers are the same"),
        N_("qr: show the number as a QR code"),
        N_("emoji: compare seven emoji instead, where both are online"),
        N_("same, differ: the emoji are the same, or not"),
        N_("cancel: stop comparing emoji"),
        N_("accept: continue with somebody whose keys have changed, unverified"),
    ),
)
def _verify(controller: ConversationController, rest: str) -> None:
    name, word = _name_and_word(rest, controller, tuple(_BY_WORD))
    _BY_WORD.get(word, _show_number)(controller, name)


def _verify_now(controller: ConversationController, name: str) -> None:
    controller.client.keys.verify(name)
    controller.show(_("{name} is verified.", name=shown_name(name)))


def _accept(controller: ConversationController, name: str) -> None:
    shown = shown_name(name)
    if not controller.client.keys.has_changed(name):
        raise Usage(_("{name}'s security keys have not changed.", name=shown))
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
        controller.show(_("Waiting for {name} to confirm.", name=shown_name(name)))


def _differ(controller: ConversationController, name: str) -> None:
    controller.client.keys.differ(name)
    said = N_("{name} is not verified: someone may be intercepting your messages.")
    controller.show(_(said, name=shown_name(name)))


def _cancel(controller: ConversationController, name: str) -> None:
    controller.client.keys.cancel_verification(name)
    controller.show(_("No longer comparing emoji with {name}.", name=shown_name(name)))


_BY_WORD: dict[str, Callable[[ConversationController, str], None]] = {
    "yes": _verify_now,
    "accept": _accept,
    "qr": _show_number_as_qr,
    "emoji": _compare,
    "same": _agree,
    "differ": _differ,
    "cancel": _cancel,
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


@command("plain", N_("[off]"), N_("allow unencrypted messages here where encryption is impossible"))
def _plain(controller: ConversationController, rest: str) -> None:
    if rest not in ("", "off"):
        raise Usage
    name = visible(controller.current)
    if rest == "off":
        controller.client.keys.write_plain(controller.current, allowed=False)
        controller.show(_("Nothing is sent to {name} unencrypted any more.", name=name))
    elif controller.prompter.agrees(_("The server will be able to read it. Send unencrypted?")):
        controller.client.keys.write_plain(controller.current)
        controller.show(
            _("Messages to {name} that cannot be encrypted are sent unencrypted.", name=name)
        )


@command("joiners", N_("all|new"), N_("set whether new members can read older messages"))
def _joiners(controller: ConversationController, rest: str) -> None:
    if rest not in ("all", "new"):
        raise Usage
    controller.client.show_history(room(controller, ""), shown=rest == "all")
    said = N_("New members of {room} can read older messages.")
    if rest == "new":
        said = N_("New members of {room} can read messages from then on.")
    controller.show(_(said, room=shown_name(controller.current)))


@command("backup", N_("FILE"), N_("save all local data to an encrypted file"))
def _backup(controller: ConversationController, rest: str) -> None:
    file = Path(one(rest)).expanduser()
    # Before the passphrase is asked for, which would be typed twice for nothing.
    check_target(file)
    passphrase = controller.prompter.new_passphrase(_("Passphrase for the backup: "))
    if not passphrase:
        controller.show(_("A backup needs a passphrase."))
        return
    back_up(controller.client.store, file, passphrase, progress_shown(controller.show))
    said = _("The backup is in {file}.", file=file)
    controller.tell(Notice(said, (NoticeAction(Do.RESTORE, str(file)),)))


@command("lock", "", N_("protect local data with a passphrase, or no longer"))
def _lock(controller: ConversationController, rest: str) -> None:
    passphrase = controller.prompter.new_passphrase()
    controller.show(protect(controller.profile, passphrase, controller.client.store))


def _name_and_word(
    rest: str, controller: ConversationController, words: tuple[str, ...]
) -> tuple[str, str]:
    """Return the named person, or that of the open chat, and which of `words` follows, if any."""
    head, _space, last = rest.rpartition(" ")
    if last in words:
        name, word = head.strip(), last
    else:
        name, word = rest, ""
    if not name:
        name = controller.current
    elif " " in name and not name.startswith('"') and not is_known(controller, name):
        raise Usage  # It is more likely a mistyped word than a name with a space.
    name = one(name)
    if is_room(name):
        raise Usage
    return name, word
