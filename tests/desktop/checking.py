"""Finds what is wrong with a window: nameless controls, clipped texts, an odd tab order."""

from collections.abc import Iterator
from itertools import pairwise

from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

_NAMED = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit, QProgressBar, QTabBar, QTextEdit,
)  # fmt: skip
_SLACK = 1
"""Pixels by which sizes differ from rounding."""


def faults(window: QWidget) -> list[str]:
    """Return what is wrong with a shown window; an empty list if nothing is."""
    QApplication.processEvents()
    return [
        *nameless(window), *unread(window), *clipped(window), *outside(window),
        *out_of_order(window),
    ]  # fmt: skip


def nameless(window: QWidget) -> list[str]:
    """Return the controls that a screen reader has no name for."""
    labels = {one.buddy() for one in window.findChildren(QLabel)}
    return [
        f"nameless: {_described(one)}"
        for one in _shown(window)
        if (isinstance(one, _NAMED) or one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not _is_internal(one)
        and one not in labels
        and not one.accessibleName()
        and not (isinstance(one, QAbstractButton) and one.text())
    ]


def unread(window: QWidget) -> list[str]:
    """Return the labels whose texts a screen reader does not read: it reads their names instead."""
    return [
        f"not read: {_described(one)}"
        for one in _shown(window)
        if isinstance(one, QLabel)
        and one.textFormat() is not Qt.TextFormat.RichText
        and one.accessibleName()
        and one.text() not in one.accessibleName()
    ]


def clipped(window: QWidget) -> list[str]:
    """Return the labels and buttons that are too small for their texts."""
    return [
        f"clipped: {_described(one)} of {one.width()} x {one.height()} wants {wanted}"
        for one in _shown(window)
        if isinstance(one, QLabel | QAbstractButton)
        and not _is_internal(one)
        and (wanted := _wanted(one))
        and (one.width() + _SLACK < wanted[0] or one.height() + _SLACK < wanted[1])
    ]


def _wanted(widget: QLabel | QAbstractButton) -> tuple[int, int] | None:
    """Return the width and height that the whole text needs."""
    if not widget.text():
        return None
    if isinstance(widget, QLabel) and widget.wordWrap():
        return 0, widget.heightForWidth(widget.width())
    hint = widget.minimumSizeHint() if isinstance(widget, QAbstractButton) else widget.sizeHint()
    return hint.width(), hint.height()


def outside(window: QWidget) -> list[str]:
    """Return what lies partly outside of its parent, and so is cut off."""
    too_wide = [
        f"wider than its scroll area: {_described(area)} by {over}"
        for area in _shown(window)
        if isinstance(area, QScrollArea) and (over := _overhang(area)) > 0
    ]
    return too_wide + [
        f"outside of its parent: {_described(one)} at {one.geometry().getRect()}"
        for one in _shown(window)
        if (parent := one.parentWidget()) is not None
        and one is not window
        and not one.isWindow()
        and not _is_internal(one)
        and not _scrolls(one)
        and not parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(one.geometry())
    ]


def _overhang(area: QScrollArea) -> int:
    """Return how many pixels of the contents nobody can scroll to, side by side."""
    contents, viewport = area.widget(), area.viewport()
    if contents is None or viewport is None:
        return 0
    if area.horizontalScrollBarPolicy() is not Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
        return 0
    return contents.width() - viewport.width()


def out_of_order(window: QWidget) -> list[str]:
    """Return the controls that Tab reaches before others which are above or left of them.

    Only siblings are compared: which panel comes first is the window's choice.
    """
    return [
        f"Tab goes from {_described(one)} back to {_described(other)}"
        for one, other in pairwise(tab_order(window))
        if one.parentWidget() is other.parentWidget() and _is_before(other, one)
    ]


def tab_order(window: QWidget) -> list[QWidget]:
    """Return the widgets that Tab reaches, from the first one of the window."""
    found: list[QWidget] = []
    widget = window.nextInFocusChain()
    while widget is not None and widget is not window:
        takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes_tab and widget.isVisibleTo(window) and widget.isEnabled():
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def _is_before(one: QWidget, other: QWidget) -> bool:
    """Tell whether one stands before another as text is read."""
    first, second = (QRect(it.mapToGlobal(QPoint(0, 0)), it.size()) for it in (one, other))
    if first.bottom() < second.top():
        return True
    beside = first.top() <= second.bottom() and second.top() <= first.bottom()
    return beside and first.right() < second.left()


def _shown(window: QWidget) -> Iterator[QWidget]:
    yield from (one for one in window.findChildren(QWidget) if one.isVisibleTo(window))


def _is_internal(widget: QWidget) -> bool:
    """Tell whether Qt made it as a part of another widget."""
    inside = (QLineEdit, QComboBox, QAbstractSpinBox, QScrollBar, QTabBar, QAbstractItemView)
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, inside) or type(parent).__name__.startswith("QComboBox"):
            return True
        parent = parent.parentWidget() if not parent.isWindow() else None
    return isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")


def _scrolls(widget: QWidget) -> bool:
    """Tell whether it is what a scroll area shows a part of."""
    viewport = widget.parentWidget()
    area = viewport.parentWidget() if viewport is not None else None
    return isinstance(area, QScrollArea) and area.widget() is widget


def _described(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    name = words or widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {name[:60]!r}"
