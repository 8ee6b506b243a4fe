"""The page of the people whom the user has blocked, each with a button that ends that."""

from functools import partial

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.people.blocks import KnownBlocks, unblock
from messenger.desktop.settings.parts import Page, Row, note
from messenger.language import _, ngettext
from messenger.ui.errors import explain
from messenger.ui.wording import shown_name
from messenger.windows.look.avatars import avatar
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import PlainButton, acting
from messenger.windows.widgets.labels import text

_SHOWN = 200
"""People who are listed: of more nobody looks for one here."""
_PICTURE = 36


class BlockedPage(Page):
    """Follows what other devices of the account do, too."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(_("Blocked people"))
        self._bridge = bridge
        self._error = text("")
        self._error.setObjectName("error")
        self._error.hide()
        self._people = QWidget()
        said = _(
            "Nothing that they write to you reaches you, and what they write in rooms is hidden."
            " You block somebody from the menu of a conversation or a member."
        )
        self.add(note(said), self._error, self._people)
        self.end()
        self._blocks = KnownBlocks(bridge, self)
        self._blocks.changed.connect(self._show)
        self._show(self._blocks.names)

    def _show(self, names: frozenset[str]) -> None:
        self._show_error("")
        people = QWidget()
        column = QVBoxLayout(people)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for name in sorted(names, key=str.casefold)[:_SHOWN]:
            column.addWidget(self._row(name))
        if not names:
            column.addWidget(text(_("You have blocked nobody."), soft=True))
        if (others := len(names) - _SHOWN) > 0:
            said = ngettext("and {shown} other", "and {shown} others", others, shown=others)
            column.addWidget(note(said))
        self.rows.replaceWidget(self._people, people)
        self._people.hide()
        self._people.deleteLater()
        self._people = people

    def _row(self, name: str) -> QWidget:
        shown = shown_name(name)
        picture = QLabel()
        picture.setPixmap(avatar(name, _PICTURE, self.devicePixelRatioF()))
        left = QWidget()
        words = QHBoxLayout(left)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(Space.M)
        words.addWidget(picture)
        words.addWidget(text(shown), 1)
        button = PlainButton(_("Unblock"))
        button.setAccessibleName(_("Unblock {name}", name=shown))
        acting(button, partial(self._unblock, button, name))
        found = Row(left, button, stretches=0)
        found.setObjectName("card")
        found.box.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        return found

    def _unblock(self, button: PlainButton, name: str) -> None:
        button.setEnabled(False)
        # If it does not fail, the row goes.
        unblock(self._bridge, self, name, failed=partial(self._failed, button))

    def _failed(self, button: PlainButton, error: Exception) -> None:
        button.setEnabled(True)
        self._show_error(explain(error))

    def _show_error(self, words: str) -> None:
        self._error.setText(words)
        self._error.setVisible(bool(words))
