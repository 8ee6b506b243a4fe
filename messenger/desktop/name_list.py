"""A list whose rows are names: opened by a click or Enter, with a menu for each."""

from PyQt6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PyQt6.QtWidgets import QListView

from messenger.windows.look.fonts import font
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space, Type

_WITHOUT = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
"""With one of these a key is a shortcut of the window."""


class NameList(QListView):
    """A list whose model has a name for each row (`DisplayRole`).

    Signals: `opened`, a name that was clicked or on which Enter was pressed (a double click
    tells it twice); `menu_wanted`, a name and where its menu should be, on the screen; `left`, when
    Up was pressed on the first row.
    """

    opened = pyqtSignal(str)
    menu_wanted = pyqtSignal(str, QPoint)
    left = pyqtSignal()

    def __init__(self, name: str) -> None:
        """`name` is for screen readers."""
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self._empty = ""
        self._kept: tuple[str, int] = ("", 0)
        self._opened = ""
        self._is_double = False
        self.clicked.connect(self._open)
        theme.changed.connect(self._relayout)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; the chosen name stays chosen, and in its place, when rows are replaced."""
        super().setModel(model)
        if model is not None:
            model.modelAboutToBeReset.connect(self._keep_place)
            model.modelReset.connect(self._restore_place)

    def show_empty(self, text: str) -> None:
        """Say this where the rows would be, while there are none."""
        self._empty = text
        self.setAccessibleDescription(text)
        self._redraw()

    @property
    def current_name(self) -> str:
        """The name of the row that keys act on; empty for none."""
        name = self.currentIndex().data(Qt.ItemDataRole.DisplayRole)
        return name if isinstance(name, str) else ""

    def choose(self, index: QModelIndex) -> None:
        """Make this row the one that keys act on, and bring it into sight."""
        selection = self.selectionModel()
        if selection is None:
            return
        if not index.isValid():
            selection.clear()
            return
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def step(self, rows: int) -> None:
        """Go up or down by so many rows; stops at the ends."""
        model = self.model()
        count = model.rowCount() if model is not None else 0
        if model is not None and count:
            at = self.currentIndex().row()
            self.choose(model.index(min(max(at + rows, 0), count - 1), 0))

    def activate(self) -> None:
        """Open the row that keys act on."""
        self._open(self.currentIndex())

    # --- Qt's ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open by Enter, show the menu by its key, leave upwards."""
        if event is None:
            return
        key, modifiers = event.key(), event.modifiers()
        if modifiers & _WITHOUT:
            event.ignore()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activate()
        elif key == Qt.Key.Key_Menu or (
            key == Qt.Key.Key_F10 and modifiers & Qt.KeyboardModifier.ShiftModifier
        ):
            self._show_menu(self.currentIndex())
        elif key == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open what the first click has opened: rows may have moved since."""
        if event is not None and event.button() is Qt.MouseButton.LeftButton and self._opened:
            self._is_double = True
            self.opened.emit(self._opened)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End a click; the end of a double click is none."""
        if not self._is_double:
            super().mouseReleaseEvent(event)
        self._is_double = False

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Show the menu of the row below the pointer."""
        # By the keyboard Qt sends it, too, at the pointer's place: `keyPressEvent` has shown one.
        if event is not None and event.reason() is not QContextMenuEvent.Reason.Keyboard:
            index = self.indexAt(event.pos())
            self._show_menu(index, event.globalPos())

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Have a row that keys act on."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.step(1)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the rows, or the text for none."""
        super().paintEvent(event)
        model, viewport = self.model(), self.viewport()
        if not self._empty or viewport is None or (model is not None and model.rowCount()):
            return
        painter = QPainter(viewport)
        painter.setFont(font(Type.PREVIEW))
        painter.setPen(QColor(theme.colours.soft))
        box = viewport.rect().adjusted(Space.XL, Space.XL, -Space.XL, -Space.XL)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(QRect(box), int(flags) | int(Qt.TextFlag.TextWordWrap), self._empty)
        painter.end()

    # --- own -------------------------------------------------------------------------------------

    def _open(self, index: QModelIndex) -> None:
        name = index.data(Qt.ItemDataRole.DisplayRole)
        if isinstance(name, str):
            self._opened = name
            self.opened.emit(name)

    def _show_menu(self, index: QModelIndex, place: QPoint | None = None) -> None:
        name = index.data(Qt.ItemDataRole.DisplayRole)
        viewport = self.viewport()
        if not isinstance(name, str) or viewport is None:
            return
        if place is None:
            place = viewport.mapToGlobal(self.visualRect(index).center())
        self.menu_wanted.emit(name, place)

    def _keep_place(self) -> None:
        bar = self.verticalScrollBar()
        self._kept = (self.current_name, bar.value() if bar is not None else 0)

    def _restore_place(self) -> None:
        name, top = self._kept
        model, bar, selection = self.model(), self.verticalScrollBar(), self.selectionModel()
        if model is None or bar is None or selection is None:
            return
        if name:
            role, exactly = Qt.ItemDataRole.DisplayRole, Qt.MatchFlag.MatchExactly
            for index in model.match(model.index(0, 0), role, name, 1, exactly):
                flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
                selection.setCurrentIndex(index, flag)
        self.executeDelayedItemsLayout()  # Before that there is nothing to scroll.
        bar.setValue(top)

    def _relayout(self) -> None:
        self.scheduleDelayedItemsLayout()  # Rows may have another height.
        self._redraw()

    def _redraw(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()
