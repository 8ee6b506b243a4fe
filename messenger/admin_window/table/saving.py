"""Saves all rows of a table that is searched, filtered and sorted, while its user goes on."""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from messenger.admin_window.keys import SAVE
from messenger.admin_window.requests import Requests
from messenger.admin_window.table.all_rows import Reader, Saved, save_rows
from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.table_page import TablePage
from messenger.language import _, ngettext
from messenger.sdk.administration import Administration
from messenger.ui.quantities import number
from messenger.windows.file_questions import file_to_save
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.buttons import IconButton, PlainButton, acting
from messenger.windows.widgets.labels import text
from messenger.windows.widgets.progress import ProgressLine


class SaveBar(QFrame):
    """Stands above a table while it is saved; its page offers that by `button` and Ctrl+S.

    Page after page is asked for like everything else, so that the window's other requests need not
    wait for the last one.
    """

    def __init__(
        self,
        page: TablePage[Any],
        requests: Requests,
        reader: Callable[[Query], Reader],
        more: Sequence[Column[Any]] = (),
    ) -> None:
        """`reader` makes what reads the rows of a query; `more` columns are in the file only."""
        super().__init__()
        self.setObjectName("banner")
        self._page = page
        self._requests = requests
        self._reader = reader
        self._columns = [*page.model.columns, *more]
        self._steps: Generator[Saved, Administration] | None = None
        self._is_cancelled = False
        self._name = ""
        self._words = text("")
        self._line = ProgressLine()
        self.cancel = acting(PlainButton(_("Cancel")), self._cancel)
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addWidget(self._words)
        column.addWidget(self._line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.M)
        layout.addLayout(column, 1)
        layout.addWidget(self.cancel)
        self.button = IconButton("download-simple", _("Save as CSV…"))
        page.add_action(acting(self.button, self.ask))
        page.show_above(self)
        self.hide()
        page.add_key(SAVE, self.ask)

    @property
    def is_saving(self) -> bool:
        """Whether a file is being written."""
        return self._steps is not None

    def ask(self) -> None:
        """Ask for a file, and save the table to it as it is searched, filtered and sorted."""
        if self.is_saving:
            return
        query = self._page.wanted()
        name = f"{self._page.property('page')}-{time.strftime('%Y-%m-%d')}.csv"
        file = file_to_save(self._page, _("Save as CSV"), name)
        if file is None:
            return
        self._name = file.name
        self._is_cancelled = False
        self._steps = steps = save_rows(file, self._columns, self._reader(query))
        self.button.setEnabled(False)
        self.cancel.setEnabled(True)
        self._show(Saved(0, 0))
        self.show()
        self._ask(lambda _server: next(steps))

    def _ask(self, step: Callable[[Administration], Saved]) -> None:
        self._requests.ask(step, self._go_on, failed=self._fail, owner=self)

    def _go_on(self, saved: Saved) -> None:
        steps = self._steps
        if steps is None:
            return
        if self._is_cancelled and not saved.is_complete:
            steps.close()
            self._end()
            self._page.tell(_("Nothing was saved."))
        elif saved.is_complete:
            self._end()
            said = ngettext(
                "{shown} row is in {file}.",
                "{shown} rows are in {file}.",
                saved.done,
                shown=number(saved.done),
                file=self._name,
            )
            self._page.tell(said)
        else:
            self._show(saved)
            self._ask(steps.send)

    def _fail(self, error: Exception) -> None:
        self._end()
        self._page.show_failure(error)

    def _cancel(self) -> None:
        """Have it end after the page that is under way."""
        self._is_cancelled = True
        self.cancel.setEnabled(False)

    def _end(self) -> None:
        self._steps = None
        self.hide()
        self.button.setEnabled(True)

    def _show(self, saved: Saved) -> None:
        done, total = number(saved.done), number(saved.total)
        said = _("Saving to {file}: {done} rows so far", file=self._name, done=done)
        if saved.total:
            said = _(
                "Saving to {file}: {done} of {total} rows", file=self._name, done=done, total=total
            )
        self._words.setText(said)
        self._line.show_progress(saved.done, saved.total)
