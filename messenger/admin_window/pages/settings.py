"""The page of settings: sections, what waits for a restart, and what is to be saved."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from messenger.admin_window.page import Page
from messenger.admin_window.requests import Requests
from messenger.admin_window.settings.certificate import CertificateSheet
from messenger.admin_window.settings.database import DatabaseTest
from messenger.admin_window.settings.form import SettingForm
from messenger.admin_window.settings.restarting import RestartBar
from messenger.admin_window.settings.saving import SaveBar
from messenger.admin_window.settings.sections import SECTIONS, of_section
from messenger.admin_window.sheets import Sheets
from messenger.language import _
from messenger.sdk.administration.results import ServerSettings, SettingValue
from messenger.windows.look.fonts import metrics
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.choosing import on_row_chosen
from messenger.windows.widgets.layouts import stacked

_BESIDE = 44
"""Pixels of a row of the list that its words do not have."""


class SettingsPage(Page):
    """The settings of the server; what is written stays until it is saved or discarded."""

    def __init__(self, requests: Requests) -> None:
        super().__init__("settings", _("Settings"))
        self._requests = requests
        self._found: ServerSettings | None = None
        self.edits: dict[str, SettingValue] = {}
        self.forms: dict[str, SettingForm] = {}
        self._pages: dict[str, Sheets] = {}
        self.list = QListWidget()
        self.list.setObjectName("sections")
        self.list.setAccessibleName(_("Sections of the settings"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for words in SECTIONS.values():
            QListWidgetItem(_(words), self.list)
        on_row_chosen(self.list, self._choose)
        self._shown = QStackedWidget()
        self.bar = SaveBar(requests, self, self.edits)
        self.bar.saved.connect(self._show_anew)
        self.waiting = RestartBar(requests, self)
        sheet = QFrame()
        sheet.setObjectName("sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(Space.XS, Space.S, Space.XS, Space.S)
        inside.addWidget(self.list)
        sections = QWidget()
        row = QHBoxLayout(sections)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(sheet)
        row.addWidget(self._shown, 1)
        self.set_content(stacked(sections, self.waiting, self.bar))
        self._fit()
        theme.changed.connect(self._fit)
        self.setFocusProxy(self.list)

    @property
    def is_drawn(self) -> bool:
        """Whether all rows are there of the sections that were chosen."""
        return bool(self.forms) and all(form.is_complete for form in self.forms.values())

    def refresh(self) -> None:
        """Ask for the settings; what is written stays."""
        if self.waiting.act.is_waiting:
            return
        self.set_loading(True)
        self._requests.ask(
            lambda server: server.settings(), self._show, failed=self.show_error, owner=self
        )
        if "identity" in self._pages:
            self.certificate.refresh()

    def _show(self, found: ServerSettings) -> None:
        self._found = found
        self.set_subtitle(_("The settings are in {file}", file=found.file))
        self.bar.know(found)
        self.waiting.know(found)
        self.show_content()
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self._show_anew()

    def _choose(self, row: int) -> None:
        name = list(SECTIONS)[row]
        if name not in self._pages:
            self._pages[name] = self._section(name)
            self._shown.addWidget(self._pages[name])
        self._show_anew()
        self._shown.setCurrentWidget(self._pages[name])

    def _section(self, name: str) -> Sheets:
        """Make what a section shows: when it is first chosen, as there are many settings."""
        sheets = Sheets()
        form = SettingForm(_(SECTIONS[name]), self.edits, is_local=self._requests.is_local)
        form.edited.connect(self.bar.show_edits)
        self.forms[name] = form
        sheets.add(form)
        if name == "identity":
            self.certificate = CertificateSheet(self._requests, self)
            self.certificate.refresh()
            sheets.add(self.certificate)
        elif name == "database":
            self.test = DatabaseTest(self._requests, self._typed_database)
            sheets.add(self.test)
        return sheets

    def _show_anew(self) -> None:
        if self._found is not None:
            for name, form in self.forms.items():
                form.show_entries(of_section(name, self._found.settings))
        self.bar.show_edits()

    def _typed_database(self) -> str:
        found = self._found.settings if self._found is not None else []
        saved = next((one.value for one in found if one.name == "database"), "")
        return str(self.edits.get("database", saved) or "")

    def _fit(self) -> None:
        words = max(metrics().horizontalAdvance(_(one)) for one in SECTIONS.values())
        self.list.setFixedWidth(round(words) + _BESIDE)
