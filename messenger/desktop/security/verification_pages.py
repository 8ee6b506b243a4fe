"""The pages of the dialog that verifies a contact: their words, and which buttons they have."""

from collections.abc import Callable
from typing import NamedTuple

from PyQt6.QtWidgets import QPushButton, QWidget

from messenger.desktop.dialog_pages import Choice, icon_head, person_head
from messenger.desktop.security.verification_parts import emoji_tiles, number_card
from messenger.language import _
from messenger.sdk.events import VerificationChanged
from messenger.sdk.key_states import Verification
from messenger.ui.notices import notice_of
from messenger.ui.wording import shown_name
from messenger.windows.widgets.buttons import DangerButton, PlainButton, PrimaryButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.layouts import centred

Act = Callable[[], object]


class Page(NamedTuple):
    """What a page shows; `closes` is the text of the button that closes the dialog, if it has one.

    `waits`: something is under way.
    """

    parts: list[QWidget]
    buttons: list[QPushButton]
    closes: str = ""
    waits: bool = False


# --- a changed identity ------------------------------------------------------------------------


def changed(account: str, accept: Act, verify: Act) -> Page:
    """Say that a verified identity has changed."""
    name = shown_name(account)
    said = _(
        "You had verified {name}, and their security keys are different now. They may have "
        "started over on a new device, or someone may be intercepting your messages.",
        name=name,
    )
    head = icon_head("shield-warning", _("{name}'s keys have changed", name=name), colour="warn")
    decide = text(_("Nothing is sent to them until you decide."), soft=True)
    return Page(
        [head, text(said), decide],
        [
            acting(PlainButton(_("Send anyway…")), accept),
            acting(PrimaryButton(_("Verify again")), verify),
        ],
    )


def accepting(account: str, accept: Act, back: Act) -> Page:
    """Say what it means to go on without verifying."""
    said = _(
        "{name} will no longer be verified. If someone is intercepting your messages, they can "
        "read what you send from now on. Ask {name} first, by phone or in person.",
        name=shown_name(account),
    )
    head = icon_head("shield-warning", _("Send without verifying?"), colour="bad")
    return Page(
        [head, text(said)],
        [acting(DangerButton(_("Send anyway")), accept), acting(PrimaryButton(_("Back")), back)],
    )


# --- ways to verify ----------------------------------------------------------------------------


def choosing(account: str, emoji: Act, number: Act, code: Act) -> Page:
    """Offer the ways to verify somebody."""
    said = _(
        "Make sure that nobody stands between you. Afterwards Messenger warns you, and sends "
        "nothing, if the keys of {name} ever change.",
        name=shown_name(account),
    )
    by_emoji = Choice(
        "smiley", _("Compare emoji"), _("Both of you are online, and on the phone or together.")
    )
    by_number = Choice(
        "hash", _("Compare numbers"), _("Read sixty digits to each other, at any time.")
    )
    by_code = Choice("qr-code", _("Use a QR code"), _("From a picture, such as a screenshot."))
    return Page(
        [
            _head(account),
            text(said, soft=True),
            acting(by_emoji, emoji),
            acting(by_number, number),
            acting(by_code, code),
        ],
        [],
        closes=_("Cancel"),
    )


def number(account: str, digits: str, differ: Act, match: Act) -> Page:
    """Show the safety number."""
    name = shown_name(account)
    said = _("Compare by phone or face to face: does {name} see the same number?", name=name)
    where = _("{name} finds it in the same place, or with the command /verify.", name=name)
    return Page(
        [_head(account, said), number_card(digits), text(where, small=True)],
        [
            acting(DangerButton(_("They do not match")), differ),
            acting(PrimaryButton(_("They match")), match),
        ],
    )


def code(account: str, own: QWidget, source: QWidget) -> Page:
    """Show the number as a QR code, and take the other's."""
    said = _("Show {name} this code, or read theirs.", name=shown_name(account))
    return Page([_head(account, said), centred(own), source], [], closes=_("Cancel"))


def asked(account: str, compare: Act) -> Page:
    """Say that the other wants to compare emoji."""
    words = _("{name} wants to compare emoji.", name=shown_name(account)).removesuffix(".")
    said = _("Do it while you are on the phone or together: both of you see seven emoji.")
    return Page(
        [person_head(account, words, said)],
        [acting(PrimaryButton(_("Compare emoji")), compare)],
        closes=_("Not now"),
    )


def emoji(account: str, indexes: tuple[int, ...], differ: Act, match: Act) -> Page:
    """Show the seven emoji."""
    said = _("Compare by phone or face to face: same pictures, same order?")
    note = _("Pictures may look a little different on the other device: the words count.")
    return Page(
        [_head(account, said), emoji_tiles(indexes), text(note, small=True)],
        [
            acting(DangerButton(_("They do not match")), differ),
            acting(PrimaryButton(_("They match")), match),
        ],
    )


# --- waiting -----------------------------------------------------------------------------------


def waiting(account: str) -> Page:
    """Wait until the other accepts."""
    words = _("Waiting for {name}…", name=shown_name(account))
    said = _("They have to be online, and to accept. Then both of you see seven emoji.")
    return _waiting(account, words, said)


def exchanging(account: str) -> Page:
    """Wait for the devices."""
    said = _("In a moment both of you see seven emoji.")
    return _waiting(account, _("Exchanging keys…"), said)


def confirmed(account: str) -> Page:
    """Wait until the other agrees, too."""
    words = _("Waiting for {name} to confirm…", name=shown_name(account))
    return _waiting(account, words, _("You have said that the emoji match. They have to, too."))


def _waiting(account: str, words: str, said: str) -> Page:
    return Page([person_head(account, words, said)], [], closes=_("Cancel"), waits=True)


# --- the end -----------------------------------------------------------------------------------


def verified(account: str, close: Act) -> Page:
    """Say that all is well."""
    words = _("{name} is verified", name=shown_name(account))
    said = _("Nobody stands between you: your messages are for each other only.")
    done = acting(PrimaryButton(_("Done")), close)
    return Page([icon_head("shield-check", words, said, colour="good")], [done])


def failed(verification: Verification | None, again: Act) -> Page:
    """Say why it has failed."""
    notice = notice_of(VerificationChanged(verification)) if verification is not None else None
    said = notice.text if notice is not None else _("It was cancelled.")
    return Page(
        [icon_head("shield-slash", _("Not verified"), said, colour="warn")],
        [acting(PrimaryButton(_("Try again")), again)],
        closes=_("Close"),
    )


def different(account: str, again: Act) -> Page:
    """Say what it means that the numbers or emoji differ."""
    name = shown_name(account)
    said = _(
        "Someone may be intercepting your messages. Send nothing confidential to {name} here. "
        "Try again; if it still differs, tell the server's operator.",
        name=name,
    )
    head = icon_head("shield-warning", _("{name} is not verified", name=name), colour="bad")
    return Page(
        [head, text(said)], [acting(PrimaryButton(_("Try again")), again)], closes=_("Close")
    )


def _head(account: str, said: str = "") -> QWidget:
    return person_head(account, _("Verify {name}", name=shown_name(account)), said)
