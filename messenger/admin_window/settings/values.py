"""Values of settings as they are written in fields, and what is said beside them."""

from msgspec import UNSET

from messenger.language import N_, _
from messenger.sdk.administration.results import SettingEntry, SettingValue
from messenger.ui.quantities import number

_CHOICES = {
    "loopback": N_("only from the server's machine"),
    "any": N_("from anywhere"),
    "off": N_("nobody"),
    "open": N_("anybody"),
    "invitation": N_("whoever has an invitation"),
    "closed": N_("nobody"),
}
_CHOSEN = ("plain", "guests", "registration")
"""The settings whose choices are no names: those of the others are words of the configuration."""
_UNITS = {
    "seconds": N_("in seconds"),
    "hours": N_("in hours"),
    "days": N_("in days"),
    "bytes": N_("in bytes"),
    "characters": N_("in characters"),
}
_SOURCES = {
    "environment": N_("The environment sets it: the file does not override that."),
    "command line": N_("The command line sets it: the file does not override that."),
}


def as_text(value: SettingValue) -> str:
    """Return a value as it is written in a field."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def _bound(value: float) -> str:
    return number(value) if value.is_integer() else as_text(value)


def choice_words(name: str, choice: str) -> str:
    """Return the words of a choice of a setting."""
    return _(_CHOICES[choice]) if name in _CHOSEN and choice in _CHOICES else choice


def label_of(entry: SettingEntry) -> str:
    """Return what a setting is for, as the label of its field."""
    return entry.description[:1].upper() + entry.description[1:]


def note_of(entry: SettingEntry, *, is_locked: bool) -> str:
    """Return what is said below a field: its name, its range, and when a change counts.

    `is_locked` tells that it can be changed on the server's machine only.
    """
    facts = [entry.name]
    if entry.unit in _UNITS:
        facts.append(_(_UNITS[entry.unit]))
    if entry.least is not None and entry.most is not None:
        least, most = (_bound(one) for one in (entry.least, entry.most))
        facts.append(_("{least} to {most}", least=least, most=most))
    if not is_locked:
        facts.append(_("in effect at once") if entry.at_once else _("in effect after a restart"))
    said = [" · ".join(facts)]
    if is_locked:
        said.append(
            _(
                "It names files of the server: far from it, they could be read or overwritten by"
                " that. Change it on the server's machine."
            )
        )
    if entry.source in _SOURCES:
        said.append(_(_SOURCES[entry.source]))
    if entry.running is not UNSET:
        value = as_text(entry.running) or "–"
        said.append(_("The running server uses {value}.", value=value))
    return "\n".join(said)
