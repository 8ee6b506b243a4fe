"""The geometry of a message's bubble, and of a note of the program."""

from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF

from messenger.desktop.marks import STATES
from messenger.desktop.messages.blocks import Block, Hit, Look, Target
from messenger.desktop.messages.model import beginning_of
from messenger.desktop.messages.spoken import is_unencrypted
from messenger.desktop.messages.text_block import Part, TextBlock
from messenger.language import _
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState, StoredMessage
from messenger.ui.links import links_in
from messenger.ui.message_rows import Row
from messenger.ui.text_spans import hits_in, is_emoji_only, mentions_in
from messenger.ui.wording import clock_time, failure_text, shown_name
from messenger.windows.look.fonts import font, line_height
from messenger.windows.look.painting import label
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Radius, Size, Type, Weight

PAD_X, PAD_Y = 12, 7
_GUTTER = Size.CHAT_AVATAR + 10
_IN_GROUP, _BETWEEN_GROUPS = 2, 9
_BESIDE = 10
"""Pixels between the last line and the time."""
META_ICON = 15
_LARGE = 36
"""The size of emoji that stand alone."""
_LEAST = 30.0
_UNREADABLE = (
    MessageSecurity.WAITING,
    MessageSecurity.BEFORE,
    MessageSecurity.EARLIER,
    MessageSecurity.UNSIGNED,
    MessageSecurity.UNAPPROVED,
    MessageSecurity.INVALID,
    MessageSecurity.BLOCKED,
)


class Mark(NamedTuple):
    """An icon beside the time or a name, and the name of its colour in the theme."""

    icon: str
    colour: str
    meaning: str


class Head(NamedTuple):
    """The sender above the text: a name, a mark of trust or a word behind it."""

    name: str
    box: QRectF
    mark: Mark | None
    aside: str


class Meta(NamedTuple):
    """The time of a message, with its marks before it and its state behind it."""

    time: str
    box: QRectF
    marks: tuple[Mark, ...]
    state: str


class Bubble(Block):
    """A message. `is_bare`: it has no ground, as it is of emoji alone."""

    def __init__(self, row: Row, message: StoredMessage, look: Look) -> None:
        super().__init__(row, look)
        self.message = message
        self.is_mine = message.sender == look.me
        self.gutter = _GUTTER if look.is_room and not self.is_mine else 0
        self.is_unreadable = message.security in _UNREADABLE
        shown, self.is_whole = beginning_of(row)
        self.is_bare = not self.is_unreadable and is_emoji_only(shown)
        most = look.widest(self.gutter) - 2 * PAD_X
        self._lay_out_text(shown, most)
        self.head: Head | None = None
        self.failure: TextBlock | None = None
        self.failure_at = QPointF()
        self._arrange(most)

    def _lay_out_text(self, shown: str, most: float) -> None:
        colours = theme.colours
        style = font(_LARGE if self.is_bare else Type.TEXT)
        style.setItalic(self.is_unreadable)
        parts = []
        if not self.is_bare:
            self.links = links_in(shown)
            ink = colours.on_mine if self.is_mine else colours.link
            parts += [Part((one.start, one.end), ink, is_link=True) for one in self.links]
        if not self.is_mine:
            parts += [
                Part(span, colours.link, colours.chosen, is_bold=True)
                for span in mentions_in(self.look.me, shown)
            ]
        if not self.is_whole:
            more = _("Show all of it")
            shown = f"{shown}…\n{more}"
            self._whole_from = len(shown) - len(more)
            ink = colours.on_mine if self.is_mine else colours.link
            parts.append(Part((self._whole_from, len(shown)), ink, is_bold=True))
        step = line_height(_LARGE if self.is_bare else Type.TEXT)
        self.text = TextBlock(shown, style, most, step, parts=parts)
        if self.look.words:
            units = self.text.units
            self.hits = [(units(a), units(b)) for a, b in hits_in(self.look.words, shown)]

    def _arrange(self, most: float) -> None:
        gap = _IN_GROUP
        if self.row.is_first:
            gap = 0 if self.above else _BETWEEN_GROUPS
        top = self.above + gap
        text_top, width = float(PAD_Y), self.text.used
        head = self._head_width(most)
        if head:
            text_top += round(19 * theme.scale)
            width = max(width, head)
        marks, state = self._marks(), _state_icon(self.message.state)
        time = clock_time(self.message.shown_time)
        meta = label(time, Type.TINY).width + (len(marks) + bool(state)) * (META_ICON + 3)
        height = text_top + self.text.height
        if self.text.last + _BESIDE + meta <= most:
            width = max(width, self.text.last + _BESIDE + meta)
            height += 1
        else:
            width = max(width, meta)
            height += round(15 * theme.scale)
        width = float(round(max(width, _LEAST))) + 2 * PAD_X
        height = float(round(max(height + PAD_Y, 2 * 16)))
        margin, whole = self.look.margin, self.look.width
        left = whole - margin - width if self.is_mine else margin + self.gutter
        self.box = QRectF(left, top, width, height)
        self.text.spread(width - 2 * PAD_X)
        self.text_at = QPointF(left + PAD_X, top + text_top)
        if head:
            self._place_head()
        self._place_meta(time, meta, marks, state)
        self.height = round(top + height) + int(self.row.is_last)
        self._add_failure(most)

    # --- the sender ------------------------------------------------------------------------------

    def _head_width(self, most: float) -> float:
        if not (self.look.is_room and self.row.is_first) or self.is_mine or self.is_bare:
            return 0.0
        name, aside = shown_name(self.message.sender), self._aside()
        wide = label(name, Type.PREVIEW, Weight.BOLD).width
        wide += label(f" {aside}", Type.SMALL).width if aside else 0
        return min(most, wide + (META_ICON + 4 if self._trust_mark() else 0))

    def _place_head(self) -> None:
        box = QRectF(
            self.text_at.x(), self.box.top() + PAD_Y - 1, self.box.width() - 2 * PAD_X,
            round(18 * theme.scale),
        )  # fmt: skip
        name = shown_name(self.message.sender)
        self.head = Head(name, box, self._trust_mark(), self._aside())

    def _aside(self) -> str:
        return _("(guest)") if self.message.guest else ""

    def _trust_mark(self) -> Mark | None:
        trust = self.look.trusts.get(self.message.sender, IdentityTrust.UNKNOWN)
        if self.message.guest:
            return None
        if trust is IdentityTrust.VERIFIED and self.message.is_proved:
            return Mark("shield-check-fill", "good", _("Verified"))
        if trust is IdentityTrust.CHANGED:
            return Mark("warning-fill", "warn", _("The security keys have changed."))
        return None

    # --- time and state --------------------------------------------------------------------------

    def _marks(self) -> tuple[Mark, ...]:
        security = self.message.security
        if is_unencrypted(self.message, is_encrypted=self.look.is_encrypted):
            return (Mark("lock-simple-open-bold", "warn", _("Not encrypted")),)
        if security is MessageSecurity.DOWNGRADED:
            said = _("Not encrypted: anybody may have written it")
            return (Mark("lock-simple-open-bold", "bad", said),)
        if security is MessageSecurity.UNPROVED:
            said = _("Encrypted, but not by a device that the sender's identity has signed")
            return (Mark("shield-warning-fill", "warn", said),)
        return ()

    def _place_meta(self, time: str, width: float, marks: tuple[Mark, ...], state: str) -> None:
        high = round(14 * theme.scale)
        left = self.box.right() - PAD_X - width
        if self.text.is_right_to_left:  # The end of its last line is at the left.
            left = self.box.left() + PAD_X
        self.meta = Meta(
            time, QRectF(left, self.box.bottom() - 6 - high, width, high), marks, state
        )

    def _add_failure(self, most: float) -> None:
        if self.message.state is not MessageState.FAILED:
            return
        reason = failure_text(self.message)
        said = _("Not sent: {reason}", reason=reason) if reason else _("Not sent")
        said = said if said.endswith((".", "!", "?", "…")) else f"{said}."
        again = _("Send again")
        start = len(said) + 1
        part = Part((start, start + len(again)), theme.colours.link, is_bold=True)
        style, step = font(Type.SMALL), line_height(Type.SMALL)
        self.failure = TextBlock(f"{said} {again}", style, most + PAD_X, step, parts=[part])
        self._resend_from = start
        left = self.look.width - self.look.margin - self.failure.used - 2
        self.failure_at = QPointF(round(left), self.box.bottom() + 3)
        self.height += round(self.failure.height) + 4

    # --- places ----------------------------------------------------------------------------------

    @property
    def radii(self) -> tuple[int, int, int, int]:
        """The radii of the corners, clockwise: small where another bubble of the group touches."""
        first = Radius.BUBBLE if self.row.is_first else Radius.INNER
        last = Radius.LAST if self.row.is_last else Radius.INNER
        if self.is_mine:
            return (Radius.BUBBLE, first, last, Radius.BUBBLE)
        return (first, Radius.BUBBLE, Radius.BUBBLE, last)

    @property
    def avatar_box(self) -> QRectF | None:
        """Where the avatar of the sender stands, beside the last bubble of a group."""
        if not self.gutter or not self.row.is_last:
            return None
        size = Size.CHAT_AVATAR
        return QRectF(self.look.margin, max(0.0, self.box.bottom() - size), size, size)

    def hit(self, point: QPointF) -> Hit:
        """Return what a point of the row belongs to."""
        if self.failure is not None:
            character = self.failure.character_at(point - self.failure_at)
            if character is not None and character >= self._resend_from:
                return Hit(Target.RESEND)
        face = self.avatar_box
        is_name = self.head is not None and self.head.box.contains(point)
        if is_name or (face is not None and face.contains(point)):
            return Hit(Target.SENDER, self.message.sender)
        if not self.is_whole:
            character = self.text.character_at(point - self.text_at)
            if character is not None and character >= self._whole_from:
                return Hit(Target.WHOLE, str(self.row.key))
        return super().hit(point)

    def meaning_at(self, point: QPointF) -> str:
        """Return what the marks at a point mean; empty where there are none."""
        if self.meta.box.adjusted(-4, -4, 4, 4).contains(point):
            return "\n".join(mark.meaning for mark in self.meta.marks)
        if self.head is not None and self.head.mark and self.head.box.contains(point):
            return self.head.mark.meaning
        return ""


def _state_icon(state: MessageState) -> str:
    """Return the icon of a state in a bolder form, for it is small; empty for a received one."""
    if state not in STATES:
        return ""
    return f"{STATES[state]}-{'fill' if state is MessageState.FAILED else 'bold'}"


class NoteLine(Block):
    """A note of the program, in the middle."""

    def __init__(self, row: Row, look: Look) -> None:
        super().__init__(row, look)
        shown, is_whole = beginning_of(row)
        self.links = links_in(shown)
        parts = [Part((a, b), theme.colours.link, is_link=True) for a, b, _link in self.links]
        most = look.widest(0)
        self.text = TextBlock(
            shown if is_whole else f"{shown}…",
            font(Type.SMALL),
            most,
            line_height(Type.SMALL),
            parts=parts,
            is_centred=True,
        )
        self.text.spread(most)
        self.text_at = QPointF(round((look.width - most) / 2), self.above + 7)
        self.box = QRectF(
            (look.width - self.text.used) / 2 - 10, self.above + 3,
            self.text.used + 20, self.text.height + 8,
        )  # fmt: skip
        self.height = round(self.above + self.text.height + 14)


def block_of(row: Row, look: Look) -> Block:
    """Return the geometry of a row."""
    return NoteLine(row, look) if row.message is None else Bubble(row, row.message, look)
