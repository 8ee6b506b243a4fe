"""The menu of a message: by the right button of the mouse, or by the menu key."""

from typing import TYPE_CHECKING

from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QMenu

from messenger.desktop.messages.blocks import Hit, Target
from messenger.language import _
from messenger.sdk.store import MessageState
from messenger.ui.message_rows import Row

if TYPE_CHECKING:
    from messenger.desktop.messages.view import MessageView


def menu_of(view: "MessageView", row: Row | None, hit: Hit) -> QMenu:
    """Return the menu for a row, and for what of it is below the mouse."""
    menu = QMenu(view)
    menu.setAccessibleName(_("Message"))
    if not view.selection.is_empty and (copy := menu.addAction(_("Copy"), view.copy)) is not None:
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    if row is not None:
        _add_row(menu, view, row, hit)
    if (every := menu.addAction(_("Select all"), view.select_everything)) is not None:
        every.setShortcut(QKeySequence(QKeySequence.StandardKey.SelectAll))
    return menu


def _add_row(menu: QMenu, view: "MessageView", row: Row, hit: Hit) -> None:
    menu.addAction(_("Copy message"), lambda: view.copy_row(row.key))
    link = _link(view, row, hit)
    if link:
        menu.addAction(_("Copy link"), lambda: view.copy_text(link))
        menu.addAction(_("Open link"), lambda: view.follow(link))
    message = row.message
    at = view.rows_model.place_of(row.key)
    if at is not None and not view.block(at).is_whole:
        menu.addAction(_("Show all of it"), lambda: view.show_whole(row.key))
    if message is not None:
        if message.state is MessageState.FAILED:
            menu.addAction(_("Send again"), lambda: view.resend_wanted.emit(message.id))
        menu.addAction(_("Information"), lambda: view.show_information(message))
        if message.state is MessageState.RECEIVED:
            menu.addAction(_("Report…"), lambda: view.report_wanted.emit(message.id))
    menu.addSeparator()


def _link(view: "MessageView", row: Row, hit: Hit) -> str:
    """Return the link below the mouse, or the only one of the message."""
    if hit.target is Target.LINK:
        return hit.value
    at = view.rows_model.place_of(row.key)
    links = view.block(at).links if at is not None else []
    return links[0].address if len(links) == 1 else ""
