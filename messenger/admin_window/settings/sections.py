"""The sections of the settings, and in which one each setting is."""

from collections.abc import Iterable

from messenger.language import N_
from messenger.sdk.administration.results import SettingEntry

SECTIONS = {
    "identity": N_("Identification"),
    "network": N_("Connections"),
    "accounts": N_("Registration and guests"),
    "database": N_("Database"),
    "backups": N_("Backups"),
    "retention": N_("Retention"),
    "limits": N_("Limits"),
    "log": N_("Log"),
    "clients": N_("Other clients"),
}
"""The sections by name, with their words, untranslated, in the order in which they are shown."""

_STORAGE = {"data": "database", "database": "database", "reading_threads": "database"}


def section_of(entry: SettingEntry) -> str:
    """Return the name of the section of a setting."""
    if entry.name.startswith("backup_"):
        return "backups"
    return _STORAGE.get(entry.name, entry.group)


def of_section(name: str, entries: Iterable[SettingEntry]) -> list[SettingEntry]:
    """Return the settings of a section."""
    return [one for one in entries if section_of(one) == name]
