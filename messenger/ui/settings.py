"""The user's settings: names, values, and their meaning."""

from typing import NamedTuple

import msgspec

from messenger.language import N_, _
from messenger.sdk.profiles import Preferences
from messenger.ui.where import Where

TEXT_SIZES = tuple(range(80, 201, 10))
"""Sizes of text that a user can choose, in percent."""


class Choice(NamedTuple):
    """A preference; `values` are as the user writes them, title and summary are untranslated."""

    name: str
    title: str
    values: tuple[str, ...]
    summary: str
    where: Where = Where.EVERYWHERE


CHOICES = {
    choice.name: choice
    for choice in (
        Choice(
            "theme",
            N_("Theme"),
            ("auto", "light", "dark"),
            N_("colours for a dark or a light background"),
        ),
        Choice(
            "bell",
            N_("Sound"),
            ("on", "off"),
            N_("beep when a message arrives in another conversation"),
        ),
        Choice(
            "notes",
            N_("Desktop notifications"),
            ("on", "off"),
            N_("desktop notifications, where the system shows them"),
        ),
        Choice(
            "notify_about",
            N_("Notify about"),
            ("all", "mentions"),
            N_("sound and notifications for all messages, or for mentions and direct messages"),
        ),
        Choice(
            "notes_show",
            N_("Notifications show"),
            ("text", "name", "nothing"),
            N_("what a notification shows: name and text, only the name, or neither"),
        ),
        Choice(
            "language",
            N_("Language"),
            ("auto", "en", "ru"),
            N_("the language of the window, from its next start on"),
            Where.WINDOW,
        ),
        Choice(
            "text_size",
            N_("Text size"),
            tuple(map(str, TEXT_SIZES)),
            N_("the size of text, in percent"),
            Where.WINDOW,
        ),
        Choice(
            "send_key",
            N_("Send with"),
            ("enter", "ctrl+enter"),
            N_("the key that sends; the other one begins a new line"),
            Where.WINDOW,
        ),
        Choice(
            "close_to_tray",
            N_("Keep running in the tray"),
            ("on", "off"),
            N_("closing the window hides it, where there is a tray"),
            Where.WINDOW,
        ),
    )
}


_VALUES = {
    "auto": N_("auto"), "dark": N_("dark"), "light": N_("light"), "on": N_("on"), "off": N_("off"),
    "all": N_("all"), "mentions": N_("mentions"),
    "text": N_("text"), "name": N_("name"), "nothing": N_("nothing"),
    "en": "English", "ru": "Русский", "enter": "Enter", "ctrl+enter": "Ctrl+Enter",
}  # fmt: skip


def choices(where: Where) -> dict[str, Choice]:
    """Return the settings that a user interface offers."""
    return {name: choice for name, choice in CHOICES.items() if choice.where & where}


def value_name(value: str) -> str:
    """Return a value in the user's language; a number is one of percent."""
    return f"{value} %" if value.isdigit() else _(_VALUES[value])


def value_of(preferences: Preferences, name: str) -> str:
    """Return the value as the user writes it."""
    value = getattr(preferences, name)
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def changed(
    preferences: Preferences, name: str, value: str, where: Where = Where.EVERYWHERE
) -> Preferences:
    """Return changed preferences; raises ValueError whose text lists the names or values."""
    offered = choices(where)
    choice = offered.get(name)
    if choice is None:
        raise ValueError(_("No such setting. Settings: {names}", names=", ".join(offered)))
    if value not in choice.values:
        said = _("{name} is one of: {values}", name=name, values=", ".join(choice.values))
        raise ValueError(said)
    return msgspec.structs.replace(preferences, **{name: _stored(preferences, name, value)})


def preference_line(preferences: Preferences, name: str) -> str:
    """Return a setting as a line: its value, the possible values, and its meaning."""
    choice = CHOICES[name]
    values = "|".join(choice.values)
    return f"  {name} = {value_of(preferences, name)}   ({values}) {_(choice.summary)}"


def text_scale(preferences: Preferences) -> float:
    """Return the factor for sizes of text; a file may name a size that nobody can read."""
    return min(max(preferences.text_size, TEXT_SIZES[0]), TEXT_SIZES[-1]) / 100


def _stored(preferences: Preferences, name: str, value: str) -> str | bool | int:
    before = getattr(preferences, name)
    if isinstance(before, bool):
        return value == "on"
    return int(value) if isinstance(before, int) else value
