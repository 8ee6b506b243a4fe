"""What a user does in a terminal, whatever it looks like: talk here, go there, give commands."""

import logging

from messenger.console.qr import qr_lines
from messenger.console.shutdown import internal_error
from messenger.crypto.emoji import EMOJI
from messenger.jim.errors import DeviceRemoved, ProtocolError
from messenger.jim.events import ContactChanged, RoomChanged
from messenger.jim.names import EVERYONE
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.errors import LinkLost, NotOnline, StoreUnusable
from messenger.sdk.events import (
    ApprovalNeeded,
    BackupOutdated,
    ComparisonAsked,
    ComparisonEnded,
    DeviceAppeared,
    DeviceApproved,
    EmojiShown,
    IdentityChanged,
    IdentityMade,
    LinkState,
    MembersAppeared,
    MessagesLost,
    MessagesMissing,
    StateChanged,
    TrustDecided,
)
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage, Trust
from messenger.ui.commands import run_command
from messenger.ui.commands.arguments import Usage, quoted
from messenger.ui.conversation import ConversationController
from messenger.ui.prompts import NoLogin, Prompter
from messenger.ui.wording import person_line, preview, shown_name, when

_logger = logging.getLogger("messenger.client")


class Talk(ConversationController):
    """A user at a terminal, who writes texts and commands."""

    def __init__(
        self, client: Client, profile: Profile, prompter: Prompter, *, to: str = EVERYONE
    ) -> None:
        super().__init__(client, profile, prompter, to=to)
        self._is_away = self._was_online = False

    def refuse(self, text: str) -> None:
        """Show why what the user wants is not done."""
        self.show(text)

    def show_code(self, text: str) -> None:
        """Show a text as a QR code."""
        for line in qr_lines(text):
            self.show(line)

    def show_help(self, usages: list[str]) -> None:
        """Show how the commands are written."""
        for usage in usages:
            self.show("  " + usage)
        self.show(_("Everything else that you write goes to {name}.", name=visible(self.current)))

    # --- what the user does --------------------------------------------------------------------

    def take(self, line: str) -> None:
        """Take one line: a command, or a text (a doubled slash begins a text with one)."""
        line = line.strip()
        if not line:
            return
        try:
            if line.startswith("//"):
                self.write(self.current, line[1:])
            elif line.startswith("/"):
                run_command(self, line)
            else:
                self.write(self.current, line)
        except LinkLost:
            self.refuse(
                _("No answer from the server. The request may or may not have been carried out.")
            )
        except NotOnline:
            self.refuse(_("You are offline. Messages are queued; this command needs a connection."))
        except (ProtocolError, Usage, NoLogin, StoreUnusable) as error:
            _logger.info("Refused: %s", error)
            self.refuse(visible(str(error), lines=True))
        except OSError as error:
            _logger.warning("%s", error)
            reason = error.strerror or error
            self.refuse(visible(f"{error.filename}: {reason}" if error.filename else str(reason)))
        except Exception as error:
            self.refuse(visible(internal_error(error)))

    def explain_state(self, event: StateChanged) -> str:
        """Return what to say when the server goes, and when it is there again; or nothing."""
        was_away, reason = self._is_away, visible(event.reason)
        if event.state is LinkState.ONLINE:
            self._is_away, self._was_online = False, True
            return _("Connected again.") if was_away else ""
        if event.state is LinkState.OFFLINE:
            self._is_away = True
            said = _("{reason}. Reconnecting; what you write is sent later.", reason=reason)
            return "" if was_away else said
        if isinstance(event.error, DeviceRemoved) and self._was_online:
            return _("{reason}. Start again to log in with your password.", reason=reason)
        if event.state is LinkState.REFUSED and was_away:
            return _("Login refused: {reason}", reason=reason)
        if event.state is LinkState.REFUSED and self._was_online:
            said = N_("{reason}. Start again to log in; what you write is kept until then.")
            return _(said, reason=reason)
        return ""

    def explain_failure(self, message: StoredMessage) -> str:
        """Return that a message was not sent, and why; wherever the user is now."""
        said = N_("Not sent to {name}: {reason} (“{text}”; /resend tries again)")
        if message.conversation != self.current:
            said = N_(
                "Not sent to {name}: {reason} (“{text}”; /msg {argument} and /resend try again)"
            )
        return _(
            said,
            name=visible(message.conversation),
            reason=visible(message.reason),
            text=preview(message.text),
            argument=visible(quoted(message.conversation)),
        )


def explain(event: object, me: str = "") -> str:
    """Return lines that tell of a room, a contact or a device; nothing for other events.

    `me` is the user's own name: their own devices are told of in other words.
    """
    if isinstance(event, ContactChanged):
        return f"{when(event.time)} * {person_line(event.person)}"
    if isinstance(event, RoomChanged):
        if event.change == "encrypted" and not event.account_name:
            return ""  # it was so before: /join has said it
        change = "untitled" if event.change == "topic" and not event.topic else event.change
        said = _(
            _ROOM_CHANGES[change],
            name=shown_name(event.account_name),
            room=shown_name(event.room),
            topic=visible(event.topic),
        )
        return f"{when(event.time)} * {said}"
    return _explain_log(event, me)


def _explain_log(event: object, me: str) -> str:
    """Return lines that tell what a server does to rooms and messages without saying so."""
    if isinstance(event, MembersAppeared):
        return ngettext(
            "{room} has a new member who can read new messages: {names}",
            "{room} has new members who can read new messages: {names}",
            len(event.accounts),
            room=shown_name(event.room),
            names=", ".join(map(shown_name, event.accounts)),
        )
    if isinstance(event, MessagesMissing):
        return _(
            "The server is withholding messages in {name}: other members have seen newer ones.",
            name=shown_name(event.conversation),
        )
    if isinstance(event, MessagesLost):
        return _(
            "The server was restored from a backup and lost the latest messages in {name}. Your "
            "copy is kept; messages you sent there are marked as not sent.",
            name=shown_name(event.conversation),
        )
    return _explain_keys(event, me)


def _explain_device(event: DeviceAppeared, me: str) -> str:
    said = N_("{name} added a new device (verified by an existing one).")
    if not event.approved:
        said = N_("{name} added a new device (not verified). It can read new messages.")
    if event.excluded:
        said = N_(
            "{name} added a new device (not verified). It cannot read new messages, and what "
            "it sends is hidden, until an existing one approves it."
        )
    if event.account == me:
        said = N_(
            "A new device has logged in as you. If it is yours: /approve CODE, with the code that "
            "it shows. If not: /devices remove NUMBER, then /password."
        )
        if event.approved:
            said = N_(
                "You have a new device, which an existing one has approved. If it is not yours: "
                "/devices remove NUMBER, then /recover new and /password."
            )
    return _(said, name=shown_name(event.account))


def _explain_keys(event: object, me: str) -> str:
    if isinstance(event, DeviceAppeared):
        return _explain_device(event, me)
    if isinstance(event, IdentityChanged):
        said = N_("{name}'s security keys have changed. /verify {argument} compares them.")
        if event.was_verified:
            said = N_(
                "{name}'s security keys have changed since you verified them; sending is blocked: "
                "/verify {argument}"
            )
        return _(said, name=shown_name(event.account), argument=quoted(event.account))
    if isinstance(event, IdentityMade):
        return _(
            "Write down your recovery code: it brings everything back if you lose all your "
            "devices. /recovery shows it again.\n    {code}",
            code=event.code,
        )
    if isinstance(event, ApprovalNeeded):
        said = _(
            "This device is not approved: it cannot read encrypted messages yet, and what it sends "
            "is hidden from others. On another of your devices type\n"
            "    /approve {code}\nor here: /recover and your recovery code.",
            code=event.code,
        )
        kept = _("If it was removed by mistake, /recover kept approves it again.")
        return f"{said}\n{kept}" if event.keeps_secret else said
    if type(event) in _KEY_NOTICES:
        return _(_KEY_NOTICES[type(event)])
    return _explain_trust(event)


def _explain_trust(event: object) -> str:
    if isinstance(event, TrustDecided):
        said = N_("You have verified {name} on another device.")
        if event.trust is not Trust.VERIFIED:
            said = N_("You have accepted {name}, unverified, on another device.")
        return _(said, name=shown_name(event.account))
    if not isinstance(event, ComparisonAsked | EmojiShown | ComparisonEnded):
        return ""
    name, argument = shown_name(event.account), quoted(event.account)
    if isinstance(event, ComparisonAsked):
        said = N_("{name} wants to compare emoji: /verify {argument} emoji")
        return _(said, name=name, argument=argument)
    if isinstance(event, EmojiShown):
        shown = "  ".join(
            f"{picture} {_(word)}" for picture, word in map(EMOJI.__getitem__, event.emoji)
        )
        asked = _(
            "Does {name} see the same? /verify {argument} same, or: differ",
            name=name,
            argument=argument,
        )
        return f"{shown}\n{asked}"
    if event.verified:
        return _("{name} is verified.", name=name)
    return _("{name} is not verified: {reason}", name=name, reason=visible(event.reason))


_KEY_NOTICES: dict[type, str] = {
    DeviceApproved: N_("This device is approved. Older messages are being fetched."),
    BackupOutdated: N_(
        "The server returned an older copy of your key backup than your devices have stored. "
        "What is missing in it is backed up again by a device that still has it."
    ),
}

_ROOM_CHANGES: dict[str, str] = {
    "joined": N_("{name} has joined {room}"),
    "left": N_("{name} has left {room}"),
    "removed": N_("{name} was removed from {room}"),
    "invited": N_("{name} invites you to {room}: /join {room}"),
    "topic": N_("{name} changed the topic of {room} to “{topic}”"),
    "untitled": N_("{name} cleared the topic of {room}"),
    "closed": N_("{room} is closed"),
    "encrypted": N_("{room} is now end-to-end encrypted only"),
    "history": N_("{name} changed whether new members of {room} can read older messages"),
    "creator": N_("{name} is now in charge of {room}"),
}
