"""Codes that people show each other, also as QR codes: which one a text is, and whether it fits."""

from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto

from messenger.crypto.accounts import Secret, read_approval_code
from messenger.language import N_, _
from messenger.ui.wording import shown_name

_NUMBER_DIGITS = 60


class Code(Enum):
    """The kinds of codes."""

    NUMBER = auto()
    """A safety number, which two users compare."""
    DEVICE = auto()
    """The code that a new device shows, to be approved."""
    RECOVERY = auto()
    """A recovery code: it is for its owner only."""
    INVITATION = auto()
    """An invitation link."""
    OTHER = auto()


def kind_of(text: str) -> Code:
    """Return which code a text is, whatever its spacing and case."""
    digits = "".join(text.split())
    if len(digits) == _NUMBER_DIGITS and digits.isascii() and digits.isdecimal():
        return Code.NUMBER
    if text.strip().casefold().startswith("jim://"):
        return Code.INVITATION
    for read, kind in _READERS:
        with suppress(ValueError):
            read(text)
            return kind
    return Code.OTHER


_READERS: tuple[tuple[Callable[[str], object], Code], ...] = (
    (lambda text: Secret.from_code("", text), Code.RECOVERY),
    (read_approval_code, Code.DEVICE),
)


_INSTEAD: dict[Code, str] = {
    Code.NUMBER: N_("This is a safety number: it verifies a contact, not a device."),
    Code.DEVICE: N_("This is the code of a new device: its owner approves it on another one."),
    Code.RECOVERY: N_(
        "This is a recovery code: it opens a whole account. Show it to nobody, and do not read "
        "anybody else's."
    ),
    Code.INVITATION: N_("This is an invitation to a server."),
    Code.OTHER: N_("This is no code of Messenger."),
}


def number_mistake(read: str, number: str, name: str) -> str:
    """Return why a code that was read does not verify somebody; empty if it does.

    `number` is the safety number that this device shows for `name`.
    """
    kind = kind_of(read)
    if kind is not Code.NUMBER:
        return _(_INSTEAD[kind])
    if "".join(read.split()) == "".join(number.split()):
        return ""
    return _(
        "This is not the number that you and {name} should see. Either the code is for somebody "
        "else, or someone may be intercepting your messages: {name} is not verified.",
        name=shown_name(name),
    )


def device_mistake(read: str) -> str:
    """Return why a code cannot be that of a new device; empty if it may be one."""
    kind = kind_of(read)
    if kind is Code.OTHER:
        return _("This is no code of a device: check for typing mistakes.")
    return "" if kind is Code.DEVICE else _(_INSTEAD[kind])
