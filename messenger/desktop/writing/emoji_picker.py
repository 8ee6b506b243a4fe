"""The emoji picker: groups, recent ones and search, all of it by keyboard, too."""

from collections.abc import Iterable, Sequence
from functools import partial

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.writing.emoji_catalogue import GROUPS, Catalogue, Emoji, catalogue
from messenger.desktop.writing.emoji_grid import EmojiGrid
from messenger.language import _
from messenger.ui.recent_emoji import latest
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton
from messenger.windows.widgets.labels import section
from messenger.windows.widgets.labels import text as text_label
from messenger.windows.widgets.search_field import SearchField

_RECENT = "recent"


class EmojiPicker(QFrame):
    """A popup. Signals: `chosen` with an emoji; `closed`.

    Shift+Enter or a click with Shift chooses several, as does Enter while Shift is held down.
    """

    chosen = pyqtSignal(str)
    closed = pyqtSignal()

    def __init__(self, bridge: Bridge, recent: Iterable[str], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("floating")
        self.setAccessibleName(_("Emoji"))
        self._recent = tuple(recent)
        self._catalogue: Catalogue | None = None
        self._group = _RECENT if self._recent else GROUPS[0].key
        self.search = SearchField(_("Search emoji"), _("Search emoji"))
        self.grid = EmojiGrid()
        self._title = section("")
        self._name = text_label("", small=True, wrap=False)
        self._tabs: dict[str, tuple[IconButton, str]] = {}
        self._arrange()
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.grid.chosen.connect(self._choose)
        self.grid.left.connect(self.search.setFocus)
        self.grid.pointed.connect(self._show_name)
        # Not in the GUI thread: it takes 0.1 s the first time.
        bridge.read(lambda _client: catalogue(), self._take, owner=self)

    def _arrange(self) -> None:
        tabs = QHBoxLayout()
        tabs.setSpacing(0)
        groups = [(_RECENT, _("Recently used"), "clock")]
        groups += [(group.key, _(group.title), group.icon) for group in GROUPS]
        for key, title, icon_name in groups:
            tab = IconButton(icon_name, title)
            tab.setCheckable(True)
            tab.setAutoExclusive(True)
            tab.setFixedWidth(self.grid.width() // len(groups))
            tab.clicked.connect(partial(self.show_group, key))
            self._tabs[key] = tab, icon_name
            tabs.addWidget(tab)
        self._mark_tab()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.search)
        layout.addLayout(tabs)
        layout.addWidget(self._title)
        layout.addWidget(self.grid)
        layout.addWidget(self._name)

    # --- what is shown ---------------------------------------------------------------------------

    def open_above(self, button: QWidget) -> None:
        """Show it above a button, within the screen."""
        self.search.clear()
        self._show()
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width(), 0))
        left, top = corner.x() - self.width(), corner.y() - self.height() - Space.S
        screen = button.screen()
        if screen is not None:
            room = screen.availableGeometry()
            left = max(room.left(), min(left, room.right() - self.width()))
            top = max(room.top(), top)
        self.move(left, top)
        self.show()
        self.search.setFocus()

    def show_group(self, key: str) -> None:
        """Show a group, or the emoji used lately (`recent`)."""
        self._group = key
        self._mark_tab()
        self.search.clear()
        self._show()

    def _mark_tab(self) -> None:
        for key, (tab, icon_name) in self._tabs.items():
            tab.setChecked(key == self._group)
            tab.show_icon(icon_name, colour="accent" if key == self._group else "soft")

    def _show(self) -> None:
        found, title = self._found()
        self.grid.show_emoji(found)
        self._title.setText(title)
        self._show_name(self.grid.current())

    def _found(self) -> tuple[Sequence[Emoji], str]:
        if self._catalogue is None:
            return [], ""
        if words := self.search.text().strip():
            found = self._catalogue.search(words)
            return found, _("Found") if found else _("Nothing found")
        if self._group == _RECENT:
            return self._catalogue.of(self._recent), _("Recently used")
        titles = {group.key: group.title for group in GROUPS}
        return self._catalogue.groups[self._group], _(titles[self._group])

    def _show_name(self, emoji: Emoji | None) -> None:
        self._name.setText(
            "  ".join(filter(None, (f":{emoji.alias}:", emoji.note))) if emoji else ""
        )

    def _take(self, found: Catalogue) -> None:
        self._catalogue = found
        self._show()

    # --- choosing --------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Go from the search to the grid by Down, and choose its first emoji by Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.grid.enter()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.grid.choose_current(event.modifiers())
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Tell that it is closed, for whatever reason."""
        super().hideEvent(event)
        self.closed.emit()

    def _choose(self, emoji: Emoji, keeps_open: bool) -> None:
        self._recent = latest(emoji.character, self._recent)
        self.chosen.emit(emoji.character)
        if not keeps_open:
            self.hide()
