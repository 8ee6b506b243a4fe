"""The lines of a conversation in a list: what was said last, by whom, and when."""

import time
from collections.abc import Collection, Sequence
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

from messenger.jim.names import is_room
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.sdk.results import Person
from messenger.sdk.store import ConversationSummary, IdentityTrust, MessageState
from messenger.ui.blocked import masked
from messenger.ui.wording import (
    clock_time,
    local_time,
    message_state_word,
    message_text,
    shown_name,
    trust_name,
)

_SHORT_DAYS = (
    N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"),
)  # fmt: skip
_SHORT_MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
    N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
_WEEK = 6
"""Days for which the name of a day says which one it was."""
_MAX_COUNT = 999
_MAX_PREVIEW = 200
"""Characters: no list is wider."""


class PreviewKind(Enum):
    """What the second line of a conversation is."""

    MESSAGE = auto()
    DRAFT = auto()
    TYPING = auto()
    NOTHING = auto()


class Preview(NamedTuple):
    """The second line of a conversation: `who` stands before the text, unless it is empty."""

    kind: PreviewKind
    text: str = ""
    who: str = ""

    @property
    def line(self) -> str:
        """Both as one text."""
        return f"{self.who} {self.text}" if self.who else self.text


def preview_of(
    name: str,
    row: ConversationSummary | None,
    me: str,
    typing: Sequence[str] = (),
    *,
    is_open: bool = False,
    blocked: Collection[str] = (),
) -> Preview:
    """Return what to show below a conversation's name: who is typing, a draft, or the last message.

    The draft of the open conversation is in the input field already. What `blocked` users have
    written in rooms is hidden.
    """
    if typing:
        return Preview(PreviewKind.TYPING, typing_text(name, typing))
    if row is None:
        return Preview(PreviewKind.NOTHING)
    if row.draft and not is_open:
        return Preview(PreviewKind.DRAFT, _one_line(row.draft), _("Draft:"))
    if row.last is None:
        return Preview(PreviewKind.NOTHING, _one_line(row.topic))
    who = _("You:") if row.last.sender == me else ""
    if not who and is_room(name):
        who = f"{shown_name(row.last.sender)}:"
    return Preview(PreviewKind.MESSAGE, _one_line(message_text(masked(row.last, blocked))), who)


def typing_text(conversation: str, names: Sequence[str]) -> str:
    """Return who is typing in a conversation; in a direct chat that is plain without the name."""
    if len(names) > 1:
        return ngettext("{count} is typing…", "{count} are typing…", len(names))
    if is_room(conversation):
        return _("{name} is typing…", name=shown_name(names[0]))
    return _("typing…")


def presence_text(person: Person) -> str:
    """Return whether somebody is online, or when they were last."""
    if person.state != "offline" or not person.last_seen:
        return {"online": _("online"), "away": _("away")}.get(person.state, _("offline"))
    then = local_time(person.last_seen)
    if then is None:
        return _("offline")
    if _days_ago(then) == 1:
        return _("last seen yesterday")
    return _("last seen {when}", when=short_time(person.last_seen))


def short_time(moment: float, now: float | None = None) -> str:
    """Return a time (unix time) as a list shows it: the hour today, else the day or the month."""
    then = local_time(moment)
    if then is None:
        return ""
    days = _days_ago(then, now)
    if days == 0:
        return clock_time(moment)
    if days == 1:
        return _("Yesterday")
    if 0 < days <= _WEEK:
        return _(_SHORT_DAYS[then.tm_wday])
    month = _(_SHORT_MONTHS[then.tm_mon - 1])
    if then.tm_year == time.localtime(now).tm_year:
        return _("{month} {day}", month=month, day=then.tm_mday)
    return _("{month} {year}", month=month, year=then.tm_year)


def _days_ago(then: time.struct_time, now: float | None = None) -> int:
    # Not by seconds: a day with a change of the clock has 23 or 25 hours.
    days = [date(*one[:3]).toordinal() for one in (then, time.localtime(now))]
    return days[1] - days[0]


def short_count(count: int) -> str:
    """Return a number as it fits a pill."""
    return str(count) if count <= _MAX_COUNT else f"{_MAX_COUNT}+"


def spoken(
    name: str, row: ConversationSummary | None, preview: Preview, me: str, *, is_closed: bool
) -> str:
    """Return all that a row shows as one text, for those who hear it."""
    parts = [shown_name(name)]
    if is_closed:
        parts.append(_("closed for good"))
    if row is not None:
        parts += _spoken_state(row)
    if preview.text:
        parts.append(preview.line)
    if row is not None and row.last is not None and preview.kind is PreviewKind.MESSAGE:
        parts.append(short_time(row.last.shown_time))
        if row.last.sender == me and row.last.state is not MessageState.RECEIVED:
            parts.append(message_state_word(row.last.state))
    return ", ".join(part for part in parts if part)


def _spoken_state(row: ConversationSummary) -> list[str]:
    found = []
    if row.person is not None:
        found.append(presence_text(row.person))
    if row.unread:
        found.append(ngettext("{count} unread", "{count} unread", row.unread))
    if row.mentions:
        found.append(_("you are mentioned"))
    found += [_("pinned")] if row.pinned else []
    found += [_("muted")] if row.muted else []
    found += [_("encrypted")] if row.encrypted else []
    if row.trust in (IdentityTrust.VERIFIED, IdentityTrust.CHANGED):
        found.append(trust_name(row.trust))
    return found


def _one_line(text: str) -> str:
    # Cut first: a message may have a megabyte.
    return visible(" ".join(text[:_MAX_PREVIEW].split()))
