"""What all pages have: title, subtitle, actions, and what stands there while there is nothing."""

from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from messenger.language import _
from messenger.ui.errors import explain
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import PlainButton
from messenger.windows.widgets.icon_label import IconLabel
from messenger.windows.widgets.labels import heading, text, title
from messenger.windows.widgets.progress import ProgressLine

_PATIENCE = 250
"""Milliseconds before a page says that it is loading: most answers come sooner."""
_TOLD = 8_000
"""Milliseconds for which a page says that something is done."""
_SIGN = 40
"""The size of the icon of a page without contents, in pixels."""


class Page(QWidget):
    """A page: a head above its contents, which are a sign until `show_content` is called.

    A page overrides `refresh`, which is called when it is shown and again from time to time, and
    sets `content` once. Signals: `elsewhere`, the name of another page and what to search there.
    """

    elsewhere = pyqtSignal(str, str)

    # Qt tells of events while the constructor runs.
    _actions: QHBoxLayout | None = None
    _trouble: Banner | None = None

    def __init__(self, name: str, words: str) -> None:
        """`name` is the object's name; `words` are the title."""
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(words)
        self.setProperty("page", name)
        self._title = heading(words)
        self._title.setWordWrap(False)
        self._subtitle = text("", soft=True)
        actions = QHBoxLayout()
        actions.setSpacing(Space.S)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._subtitle)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(Space.M)
        self._head.addLayout(texts, 1)
        self._head.addLayout(actions)
        self._actions = actions
        self._progress = ProgressLine()
        self._progress.setFixedHeight(3)
        keeps_room = self._progress.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(keeps_room)
        self._progress.hide()
        self._sign = Sign()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._sign)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        self._layout.setSpacing(Space.S)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._progress)
        self._layout.addWidget(self._stack, 1)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE)
        self._waiting.timeout.connect(self._progress.show)

    def refresh(self) -> None:
        """Ask the server for what the page shows."""

    def search_for(self, words: str) -> None:
        """Show what is found by these words, on a page with a search."""

    def set_content(self, content: QWidget) -> None:
        """Set what is shown by `show_content`."""
        self._stack.addWidget(content)

    def add_action(self, widget: QWidget) -> None:
        """Add a button or a field to the right of the head."""
        assert self._actions is not None
        last = self._actions.itemAt(self._actions.count() - 1)
        self._actions.addWidget(widget)
        # Tab goes through the head before the contents, which may have been made before.
        if last is not None and (before := last.widget()) is not None:
            self.setTabOrder(before, widget)
        self.setTabOrder(widget, self._sign.button)

    def add_key(self, keys: str, do: Callable[[], object]) -> None:
        """Have keys do something while the page is in sight."""
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(do)

    def set_subtitle(self, words: str) -> None:
        """Show a line below the title."""
        self._subtitle.setText(words)

    def show_content(self) -> None:
        """Show the contents: they have come, and what was wrong is no longer."""
        self.set_loading(False)
        if self._trouble is not None and not sip.isdeleted(self._trouble):
            self._trouble.close_banner()
        self._trouble = None
        self._stack.setCurrentIndex(self._stack.count() - 1)

    def set_loading(self, loading: bool) -> None:
        """Show by a moving line that something is under way, if it takes longer than a moment."""
        if not loading:
            self._waiting.stop()
            self._progress.hide()
        elif not self._waiting.isActive() and not self._progress.isVisible():
            self._waiting.start()

    def show_sign(
        self,
        icon_name: str,
        words: str,
        soft: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a sign in place of the contents; an action is a button's text, and what it does."""
        self.set_loading(False)
        self._sign.show_words(icon_name, words, soft, action)
        self._stack.setCurrentIndex(0)

    def show_error(self, error: Exception) -> None:
        """Say that the page could not be loaded; if it shows something, above that."""
        self.set_loading(False)
        if self._stack.currentIndex() > 0:
            self._trouble = self._show_banner(explain(error), "warning-circle")
            return
        again = _("Try again"), self.refresh
        self.show_sign("warning-circle", _("This cannot be shown"), explain(error), again)

    def show_failure(self, error: Exception) -> None:
        """Say why something was not done that the user wanted, until he closes it or goes on."""
        self.set_loading(False)
        self._show_banner(explain(error), "warning-circle")

    def tell(self, words: str) -> None:
        """Say for some seconds what was done, above the contents."""
        banner = self._show_banner(words, "check-circle")
        timer = QTimer(banner)  # It ends with the banner, which its user may close earlier.
        timer.timeout.connect(banner.close_banner)
        timer.start(_TOLD)

    def show_above(self, widget: QWidget) -> None:
        """Put a widget between the head and the contents."""
        self._layout.insertWidget(1, widget)

    def _show_banner(self, words: str, icon_name: str) -> Banner:
        for old in self.findChildren(Banner):
            old.close_banner()
        banner = Banner(words, icon_name=icon_name)
        self.show_above(banner)
        return banner

    def event(self, event: QEvent | None) -> bool:
        """Put the actions below the title where both do not fit side by side."""
        handled = super().event(event)
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return handled

    def _arrange(self) -> None:
        if self._actions is None:
            return
        wanted = self._title.sizeHint().width() + self._actions.minimumSize().width()
        room = self.width() - 2 * Space.XL - 2 * self._head.spacing()
        direction = QBoxLayout.Direction
        fits = wanted <= room or not self._actions.count()
        self._head.setDirection(direction.LeftToRight if fits else direction.TopToBottom)

    def told(self) -> str:
        """Return what is said above the contents."""
        return next((one.text for one in self.findChildren(Banner) if one.isVisible()), "")

    def troubled(self) -> str:
        """Return what is wrong, as it is said above the contents."""
        trouble = self._trouble
        return "" if trouble is None or sip.isdeleted(trouble) else trouble.text


class Sign(QWidget):
    """An icon with words in the middle of a page that has nothing to show."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("", size=_SIGN, colour="faint")
        self._words = title("")
        self._soft = text("", soft=True)
        self.button = PlainButton("")
        self._do: Callable[[], object] = lambda: None
        self.button.clicked.connect(lambda _checked: self._do())
        self.button.hide()
        column = QVBoxLayout()
        column.setSpacing(Space.S)
        column.addStretch(1)
        for label in (self._icon, self._words, self._soft):
            centre(label)
            column.addWidget(label)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column, 3)
        layout.addStretch(1)

    def show_words(
        self, icon_name: str, words: str, soft: str, action: tuple[str, Callable[[], object]] | None
    ) -> None:
        """Show other words."""
        self._icon.show_icon(icon_name, "faint")
        self._words.setText(words)
        self._soft.setText(soft)
        self._soft.setVisible(bool(soft))
        self.button.setVisible(action is not None)
        if action is not None:
            said, self._do = action
            self.button.setText(said)


def centre(label: QLabel) -> None:
    """Centre the text of a label."""
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
