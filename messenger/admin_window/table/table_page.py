"""A page with a table: search, filter, an own summary, and a panel for the chosen row."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from messenger.admin_window.keys import SEARCH
from messenger.admin_window.page import Page
from messenger.admin_window.panel import Panel
from messenger.admin_window.table.columns import Query
from messenger.admin_window.table.rows import RowsModel
from messenger.admin_window.table.table import Table
from messenger.language import _
from messenger.ui.quantities import number
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.search_field import SearchField

_REST = 200
"""Milliseconds after the last key before the server is asked: each letter would be a request."""
_LEAST, _SEARCH = 170, 280
"""The widths of the search field on a page that is narrower than `_WIDE`, and on others."""
_WIDE = 800
_BESIDE = 700
"""The width of a page from which a panel fits beside its table."""

_Row = TypeVar("_Row")


class Choice(NamedTuple):
    """An entry of the filter: its words, untranslated, and the keys of the request."""

    words: str
    keys: Mapping[str, object]


class Tools(NamedTuple):
    """What is above a table: the prompt of the search field, and what the filter offers."""

    search: str = ""
    choices: Sequence[Choice] = ()


_NO_TOOLS = Tools()


class TablePage(Page, Generic[_Row]):
    """A list of the server's. `keys_of`, `summarize` and `show_empty` may be overridden."""

    def __init__(
        self, name: str, words: str, model: RowsModel[_Row], query: Query, tools: Tools = _NO_TOOLS
    ) -> None:
        """`query` is what is shown first; the model belongs to the page from now on."""
        super().__init__(name, words)
        search, choices = tools
        self._choices = choices
        self._query = query
        model.setParent(self)
        self.model = model
        self.table: Table[_Row] = Table(self.model, words)
        self.search = SearchField(search, search)
        self.search.setFixedWidth(_LEAST)
        # Only to hide them: a widget without a parent would be shown as a window of its own.
        if not search:
            self.search.hide()
        self.filter = QComboBox()
        self.filter.setAccessibleName(_("Filter"))
        self.filter.addItems([_(choice.words) for choice in choices])
        if not choices:
            self.filter.hide()
        self.add_action(self.filter)
        self.add_action(self.search)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        sheet = QFrame()
        sheet.setObjectName("sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.table)
        self._columns = QWidget()
        self._row = QHBoxLayout(self._columns)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.M)
        self._row.addWidget(sheet, 1)
        self._sheet = sheet
        self._panel: Panel[Any, Any] | None = None
        self.set_content(self._columns)
        self._rest.timeout.connect(self.ask_anew)
        self.search.textChanged.connect(lambda _text: self._rest.start())
        self.search.returnPressed.connect(self.table.setFocus)
        self.filter.currentIndexChanged.connect(lambda _index: self.ask_anew())
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.show_error)
        self.add_key(SEARCH, self.search.setFocus)
        self.setFocusProxy(self.table)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the search field as much room as there is."""
        super().resizeEvent(event)
        self.search.setFixedWidth(_SEARCH if self.width() > _WIDE * theme.scale else _LEAST)
        self._make_room()

    def set_panel(self, panel: Panel[Any, Any]) -> None:
        """Show a panel beside the table, or in its place on a narrow page."""
        panel.hide()
        self._panel = panel
        self._row.addWidget(panel)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Make room for the panel when it is shown, and give the keyboard back when it is not."""
        if event is not None and event.type() in (
            QEvent.Type.ShowToParent,
            QEvent.Type.HideToParent,
        ):
            self._make_room()
        return super().eventFilter(watched, event)

    def _make_room(self) -> None:
        panel = self._panel
        if panel is None:
            return
        is_alone = not panel.isHidden() and self.width() < _BESIDE * theme.scale
        panel.set_alone(is_alone)
        if is_alone == self._sheet.isHidden():
            return
        had_focus = self.table.hasFocus()
        self._sheet.setVisible(not is_alone)
        if is_alone and had_focus:
            panel.setFocus()
        elif panel.isHidden():
            self.table.setFocus()

    def keys_of(self, words: str) -> dict[str, object]:
        """Return the keys of the request for what is searched."""
        return {"search": words}

    def summarize(self, total: int) -> str:
        """Return the line below the title."""
        return number(total)

    def refresh(self) -> None:
        """Ask again for what is in sight; the first time for the list."""
        if self.model.is_loaded:
            self.table.refresh()
        else:
            self.ask_anew()

    def search_for(self, words: str) -> None:
        """Search for words among all rows."""
        self.filter.setCurrentIndex(0)
        self.search.setText(words)
        self.ask_anew()

    def ask_anew(self) -> None:
        """Ask for the list as it is searched and filtered now."""
        self._rest.stop()
        self.set_loading(True)
        self.model.show(self.wanted())

    def wanted(self) -> Query:
        """Return what the list is searched, filtered and sorted by."""
        keys: dict[str, object] = {}
        if self._choices:
            keys.update(self._choices[max(0, self.filter.currentIndex())].keys)
        if words := self.search.text().strip():
            keys.update(self.keys_of(words))
        # The order may have been changed by a click on a title.
        old = self.model.query if self.model.is_loaded else self._query
        return old._replace(filters=tuple(keys.items()))

    def _loaded(self) -> None:
        total = self.model.total
        self.set_subtitle(self.summarize(total))
        self.table.show_order()
        if total:
            self.show_content()
        elif self.model.query.filters:
            self.show_sign("magnifying-glass", _("Nothing was found"))
        else:
            self.show_empty()

    def show_empty(self) -> None:
        """Show that there is nothing at all."""
        self.show_sign("tray", _("There is nothing here yet"))
