"""The values of the design: colours of both themes, sizes of type, spacing, radii."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class Colours:
    """The colours of a theme, as `#RRGGBB`.

    Grounds: `window`, `side` (the list), `chat`, `field`, `hover`, `chosen`, `day`. Ink: `text`,
    `soft` for what is secondary, `faint` for icons and lines only, never for text. `mine` and
    `theirs` are bubbles; `found` are hits of a search, and `found_now` is the one in question.
    `plot` is a second line of a plot. `on_…` is the ink on a ground of that name.
    """

    is_dark: bool
    window: str
    side: str
    chat: str
    line: str
    hover: str
    chosen: str
    text: str
    soft: str
    faint: str
    accent: str
    on_accent: str
    mine: str
    on_mine: str
    mine_soft: str
    theirs: str
    field: str
    link: str
    pill: str
    on_pill: str
    pill_muted: str
    on_pill_muted: str
    good: str
    bad: str
    warn: str
    plot: str
    select: str
    on_select: str
    select_mine: str
    on_select_mine: str
    day: str
    found: str
    found_now: str
    on_found: str
    thumb: str
    shadow: str


LIGHT = Colours(
    is_dark=False,
    window="#FFFFFF",
    side="#FFFFFF",
    chat="#EEF1F6",
    line="#E3E7ED",
    hover="#F3F5F9",
    chosen="#E4ECFD",
    text="#15181E",
    soft="#565F6D",
    faint="#8A94A3",
    accent="#2F62D9",
    on_accent="#FFFFFF",
    mine="#2F62D9",
    on_mine="#FFFFFF",
    mine_soft="#E2EBFE",
    theirs="#FFFFFF",
    field="#F1F3F7",
    link="#1F57CF",
    pill="#2F62D9",
    on_pill="#FFFFFF",
    pill_muted="#667080",
    on_pill_muted="#FFFFFF",
    good="#157A3F",
    bad="#C6303E",
    warn="#8A5A00",
    plot="#B7791F",
    select="#9DBDFF",
    on_select="#0B1220",
    select_mine="#B9D0FF",
    on_select_mine="#0B1220",
    day="#E3E7EE",
    found="#FFDF7E",
    found_now="#FFA94D",
    on_found="#15181E",
    thumb="#C9D0DA",
    shadow="#DDE2EA",
)
DARK = Colours(
    is_dark=True,
    window="#15171C",
    side="#191C22",
    chat="#101216",
    line="#272B33",
    hover="#20242B",
    chosen="#26324C",
    text="#E9ECF1",
    soft="#9DA7B6",
    faint="#788393",
    accent="#8AB0FF",
    on_accent="#0E1420",
    mine="#2E58B8",
    on_mine="#FFFFFF",
    mine_soft="#CBD9FB",
    theirs="#22262E",
    field="#23272F",
    link="#8AB0FF",
    pill="#8AB0FF",
    on_pill="#0E1420",
    pill_muted="#4A5362",
    on_pill_muted="#FFFFFF",
    good="#5CCB8B",
    bad="#FF8A8F",
    warn="#F0B849",
    plot="#F0B849",
    select="#426CC4",
    on_select="#FFFFFF",
    select_mine="#B9D0FF",
    on_select_mine="#0B1220",
    day="#20242B",
    found="#FFDF7E",
    found_now="#FFA94D",
    on_found="#15181E",
    thumb="#3A404B",
    shadow="#101216",
)

AVATARS = (
    "#CE4458", "#C15619", "#9A6B00", "#3E7D32", "#0C7C77", "#2F6FB3", "#5B5BD6", "#8E4EC6",
    "#B83280", "#66707F",
)  # fmt: skip
"""Grounds of avatars; their initials are white."""


class Type(IntEnum):
    """Sizes of type, in pixels at the scale 1."""

    TINY = 11
    """The time in a bubble."""
    SMALL = 12
    """Times, pills, days, help below a field."""
    PREVIEW = 13
    """The last line of a conversation, a sender's name."""
    TEXT = 14
    TITLE = 15
    HEADING = 20
    FIGURE = 24
    """Figures, and messages of emoji alone."""


class Weight(IntEnum):
    """Weights of type."""

    NORMAL = 400
    MEDIUM = 500
    BOLD = 600


class Space(IntEnum):
    """Distances, in pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24


class Radius(IntEnum):
    """Radii of corners, in pixels."""

    LAST = 4
    """The corner of a bubble beside its sender."""
    INNER = 5
    """The corner of a bubble that touches another one of its group."""
    FIELD = 9
    CARD = 10
    ROW = 10
    BUBBLE = 14


class Size(IntEnum):
    """Sizes of parts of the windows, in pixels."""

    LINK = 7
    """From the edge of a button that looks like a link to its words."""
    ICON = 20
    CHAT_AVATAR = 36
    BUTTON = 36
    COMPOSER = 38
    AVATAR = 46
    HEAD = 58
    ROW = 66
    BUBBLE = 520
    """The greatest width of a bubble."""
    NARROW = 640
    """Windows that are narrower have one column."""


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB` (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
