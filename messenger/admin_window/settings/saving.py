"""The bar below settings that were edited: what is to be saved, and what comes of it."""

from msgspec import UNSET
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.settings.values import as_text
from messenger.language import _
from messenger.sdk.administration.results import ChangedSettings, ServerSettings, SettingValue
from messenger.ui.errors import explain
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, PrimaryButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.question import ask


class SaveBar(QFrame):
    """Shown while there are edits. Signals: `saved`, when they are saved or discarded."""

    saved = pyqtSignal()

    def __init__(self, requests: Requests, page: Page, edits: dict[str, SettingValue]) -> None:
        super().__init__()
        self.setObjectName("sheet")
        self._requests = requests
        self._page = page
        self._edits = edits
        self._known = ServerSettings(200)
        self._words = text("")
        self._error = text("")
        self._error.setObjectName("error")
        self.discard = acting(PlainButton(_("Discard")), self._discard)
        self.save = acting(PrimaryButton(f"{_('Save')}…"), self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        layout.setSpacing(Space.M)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._error, 1)
        layout.addWidget(self.discard)
        layout.addWidget(self.save)
        self.show_edits()

    def know(self, found: ServerSettings) -> None:
        """Hear how the settings are at the server."""
        self._known = found

    def show_edits(self) -> None:
        """Show what is to be saved; a refusal is about what was written before."""
        self._error.hide()
        self._words.show()
        self._words.setText(_("To be saved: {names}", names=", ".join(self._edits)))
        self.setVisible(bool(self._edits))

    def _discard(self) -> None:
        self._edits.clear()
        self.saved.emit()

    def _ask(self) -> None:
        old = {one.name: one for one in self._known.settings}
        lines = []
        for name, value in self._edits.items():
            after = old[name].default if value is None else value
            arrow = f"{as_text(old[name].value) or '–'} → {as_text(after) or '–'}"
            lines.append(f"{name}: {arrow}")
        later = [name for name in self._edits if not old[name].at_once]
        if later:
            lines += ["", _("Restart the server for: {names}", names=", ".join(later))]
        lines += ["", _("The server saves them only if it could start with all of them.")]
        title = _("Save these settings?")
        said, window = "\n".join(lines), self._page.window()
        ask(title, said, _("Save"), self._save, window, is_danger=False)

    def _save(self) -> None:
        self._page.set_loading(True)
        self.save.setEnabled(False)
        edits = dict(self._edits)
        self._requests.ask(
            lambda server: server.change_settings(edits),
            lambda found: self._done(edits, found),
            failed=self._refused,
            owner=self,
        )

    def _done(self, edits: dict[str, SettingValue], found: ChangedSettings) -> None:
        self.save.setEnabled(True)
        for name, value in edits.items():
            # What was written meanwhile stays.
            if self._edits.get(name, UNSET) == value:
                del self._edits[name]
        now = [one.name for one in found.changes if one.effect == "now"]
        later = [one.name for one in found.changes if one.effect != "now" and not one.overridden_by]
        said = [_("The settings are saved.")]
        if now:
            said.append(_("In effect now: {names}", names=", ".join(now)))
        if later:
            said.append(_("Restart the server for: {names}", names=", ".join(later)))
        if found.problem:
            said.append(found.problem)
        self._page.tell("\n".join(said))
        self.show_edits()
        self._page.refresh()

    def _refused(self, error: Exception) -> None:
        self._page.set_loading(False)
        self.save.setEnabled(True)
        self._words.hide()
        self._error.setText(explain(error))
        self._error.show()
