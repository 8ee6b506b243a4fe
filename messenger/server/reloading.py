"""Takes over changed settings and a renewed certificate while the server runs."""

import logging
import os
import time
from collections.abc import Callable

import msgspec

from messenger import __version__
from messenger.log.server_log_config import set_level
from messenger.output import encodable
from messenger.server.config import ConfigError, Settings
from messenger.server.listener import Listener
from messenger.server.running_state import RunningState, write_state
from messenger.server.settings.catalogue import at_once, names
from messenger.server.settings.editor import SettingsEditor
from messenger.server.settings.states import differs, shown, value_of
from messenger.server.tls import CertificateUnusable, Tls

_logger = logging.getLogger("messenger.server")

_CERTIFICATE = ("certificate", "private_key")


class Reloader:
    """Reloads what can be changed at once; `state` tells others on this machine what is in use.

    `use` gets the new settings. `editor` changes the file: call its `change` in a thread, with the
    port of `state`, and then `reload` in the event loop.
    """

    def __init__(
        self,
        settings: Settings,
        tls: Tls,
        listener: Listener,
        editor: SettingsEditor,
        use: Callable[[Settings], None],
        *,
        by_signal: bool,
    ) -> None:
        self.editor = editor
        self._settings = self._at_start = settings
        self._tls = tls
        self._use_settings = use
        self.state = RunningState(
            pid=os.getpid(),
            version=__version__,
            address=listener.address,
            port=listener.port,
            config=encodable(str(editor.path)),
            started_at=time.time(),
            can_reload=by_signal,
            values=_values(settings),
        )

    def reload(self) -> str:
        """Read the settings and the certificate again; return what is wrong, or nothing.

        Of what is wrong, the old state stays in use. Existing connections keep their certificate.
        """
        used = self._settings
        problem = ""
        try:
            read = self.editor.layers().settings()
        except ConfigError as error:
            problem, read = str(error), used
            _logger.error("The old settings stay in use: %s", error)
        wanted = {name: getattr(read, name) for name in at_once()}
        try:
            self._tls.reload(msgspec.structs.replace(used, **wanted))
        except CertificateUnusable as error:
            problem = problem or str(error)
            wanted |= {name: getattr(used, name) for name in _CERTIFICATE}
            _logger.error("The old certificate stays in use: %s", error)
        else:
            _logger.info("The certificate was reloaded; fingerprint %s", self._tls.fingerprint)
        self._use(msgspec.structs.replace(used, **wanted), problem)
        self._log_waiting(read)
        return problem

    def announce(self) -> None:
        """Write the state into the directory; a failure is logged."""
        try:
            write_state(self._settings.data, self.state)
        except OSError as error:
            _logger.warning("The state of the server cannot be written: %s", error)

    def _use(self, new: Settings, problem: str) -> None:
        old, self._settings = self._settings, new
        changed = [name for name in sorted(at_once()) if getattr(old, name) != getattr(new, name)]
        self._use_settings(new)
        if "log_level" in changed:
            set_level(new.log_level)
        if changed:
            _logger.info("Settings changed: %s", ", ".join(changed))
        self.state = msgspec.structs.replace(
            self.state, values=_values(new), reloads=self.state.reloads + 1, problem=problem
        )
        self.announce()

    def _log_waiting(self, read: Settings) -> None:
        waiting = [
            name
            for name in names()
            if name not in at_once()
            and differs(name, value_of(read, name), value_of(self._at_start, name))
        ]
        if waiting:
            _logger.info("Settings that change at the next start: %s", ", ".join(waiting))


def _values(settings: Settings) -> dict[str, object]:
    return {name: shown(name, value_of(settings, name)) for name in names()}
