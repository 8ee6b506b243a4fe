"""Changes settings in the file, once they are known to be right."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from messenger.jim.admin.settings import SettingValue
from messenger.server.config import ConfigError, Layers, Settings, check_value, read_layers
from messenger.server.settings.catalogue import at_once, names
from messenger.server.settings.secrets import restore
from messenger.server.settings.start_check import check_start
from messenger.server.settings.states import SettingState, shown, source_of, states, value_of
from messenger.server.settings.toml_file import TomlFile


class Change(msgspec.Struct, kw_only=True, frozen=True):
    """One changed setting, its values as they may be shown (passwords are `***`).

    If the environment or the command line has another value, the file's is not used:
    `overridden_by` is the source that is.
    """

    name: str
    before: SettingValue
    after: SettingValue
    at_once: bool
    overridden_by: str = ""


class Prepared(NamedTuple):
    """Changes that a start would accept; they are in the file once they are saved."""

    changes: list[Change]
    file: TomlFile
    text: str
    before: str

    def save(self) -> None:
        """Write the file; raises CannotSave, also if it has changed since it was read."""
        self.file.save(self.text)

    def undo(self) -> None:
        """Write what was in the file before, if it was saved; raises CannotSave."""
        if self.file.text != self.before:
            self.file.save(self.before)


class SettingsEditor:
    """Reads and changes the settings of a server that gets these arguments and environment."""

    def __init__(
        self, arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ
    ) -> None:
        self.arguments = arguments
        self.environment = environment

    @property
    def path(self) -> Path:
        """The file, which may be missing; raises ConfigError."""
        return self._read("").path.absolute()

    def layers(self) -> Layers:
        """Return all values by their source; raises ConfigError."""
        return read_layers(self.arguments, self.environment)

    def states(
        self, running: Mapping[str, SettingValue] | None = None, language: str | None = None
    ) -> list[SettingState]:
        """Return every setting with its value; raises ConfigError."""
        return states(self.layers(), running, language)

    def change(self, changes: Mapping[str, object], port_in_use: int | None = None) -> list[Change]:
        """Save new values, all or none; return the settings that have another value now.

        The arguments and errors are those of `prepare`; raises CannotSave, too.
        """
        prepared = self.prepare(changes, port_in_use)
        prepared.save()
        return prepared.changes

    def prepare(self, changes: Mapping[str, object], port_in_use: int | None = None) -> Prepared:
        """Check new values as a start would; nothing is written.

        A value may be text, as on a command line; None removes the setting from the file, so that
        its default counts. `port_in_use` is that of the server that uses the file meanwhile. Raises
        ConfigError or another CannotStart for what a start would refuse.
        """
        # Wherever the file is: what is in it now may be what has to be corrected.
        file = TomlFile(self._read("").path)
        before = self._before(file)
        old = before.settings()
        typed = {
            name: None if value is None else _typed(name, value, old)
            for name, value in changes.items()
        }
        text = file.edited(typed)
        if text == file.text:
            # A name that does not exist can be removed from the file, if it is there.
            for name in set(changes) - set(names()):
                check_value(name, "")
        layers = self._read(text)
        new = layers.settings()
        check_start(new, port_is_free=new.port not in (old.port, port_in_use))
        changed = [
            Change(
                name=name,
                before=shown(name, before.file.get(name)),
                after=shown(name, layers.file.get(name)),
                at_once=name in at_once(),
                overridden_by=_overriding(name, layers),
            )
            for name in typed
            if before.file.get(name) != layers.file.get(name)
        ]
        return Prepared(changed, file, text, file.text)

    def _read(self, text: str) -> Layers:
        return read_layers(self.arguments, self.environment, text)

    def _before(self, file: TomlFile) -> Layers:
        try:
            found = self._read(file.text)
            found.settings()
        except ConfigError:
            # The change may be what corrects it; if not, the new text is refused.
            return self._read("")
        return found


def _typed(name: str, value: object, old: Settings) -> object:
    """Return the value as it is written to the file; raises ConfigError."""
    if name == "database" and isinstance(value, str):
        value = restore(value, value_of(old, name))
    found = check_value(name, value)
    # A relative one would depend on the directory in which the server is started.
    return str(found.absolute()) if isinstance(found, Path) else found


def _overriding(name: str, layers: Layers) -> str:
    """Return the source that hides what the file says, empty if none does."""
    source = source_of(name, layers)
    return source if source in ("command line", "environment") else ""
