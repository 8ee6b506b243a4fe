"""The user's settings: names, values, and their meaning."""

from typing import NamedTuple

import msgspec

from messenger.language import N_, _
from messenger.sdk.profiles import Preferences


class Choice(NamedTuple):
    """A preference; `values` are as the user writes them, title and summary are untranslated."""

    name: str
    title: str
    values: tuple[str, ...]
    summary: str


CHOICES = {
    choice.name: choice
    for choice in (
        Choice(
            "theme",
            N_("Theme"),
            ("auto", "dark", "light"),
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
            N_("desktop notifications, where the terminal shows them"),
        ),
    )
}


_VALUES = {
    "auto": N_("auto"), "dark": N_("dark"), "light": N_("light"), "on": N_("on"), "off": N_("off"),
}  # fmt: skip


def value_name(value: str) -> str:
    """Return a value in the user's language."""
    return _(_VALUES[value])


def value_of(preferences: Preferences, name: str) -> str:
    """Return the value as the user writes it."""
    value = getattr(preferences, name)
    return {True: "on", False: "off"}.get(value, str(value))


def changed(preferences: Preferences, name: str, value: str) -> Preferences:
    """Return changed preferences; raises ValueError whose text lists the names or values."""
    choice = CHOICES.get(name)
    if choice is None:
        raise ValueError(_("No such setting. Settings: {names}", names=", ".join(CHOICES)))
    if value not in choice.values:
        said = _("{name} is one of: {values}", name=name, values=", ".join(choice.values))
        raise ValueError(said)
    return msgspec.structs.replace(
        preferences, **{name: {"on": True, "off": False}.get(value, value)}
    )


def preference_line(preferences: Preferences, name: str) -> str:
    """Return a setting as a line: its value, the possible values, and its meaning."""
    choice = CHOICES[name]
    values = "|".join(choice.values)
    return f"  {name} = {value_of(preferences, name)}   ({values}) {_(choice.summary)}"
