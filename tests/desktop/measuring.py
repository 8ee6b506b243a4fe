"""Measures the own time of the thread that draws: what a user waits for on a machine of his own."""

import time
from collections.abc import Callable
from functools import partial

from PyQt6.QtWidgets import QApplication

from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.view import MessageView
from messenger.sdk.store import StoredMessage


def own_time(do: Callable[[], object]) -> float:
    """Return the milliseconds of this thread until something is done and painted."""
    before = time.thread_time()
    do()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    return 1e3 * (time.thread_time() - before)


def opening(model: MessagesModel, page: list[StoredMessage]) -> float:
    """Return how long it takes to show a page."""
    return own_time(lambda: model.open(page, is_room=True, is_encrypted=True))


def frames(view: MessageView, step: int, count: int) -> list[float]:
    """Return how long frames take, in ascending order, while the user scrolls back and forth."""
    bar = view.verticalScrollBar()
    assert bar is not None
    took = []
    for _frame in range(count):
        took.append(own_time(partial(bar.setValue, bar.value() + step)))
        if bar.value() in (bar.minimum(), bar.maximum()):
            step = -step
    return sorted(took)


def storm(view: MessageView, more: Callable[[], list[StoredMessage]], count: int) -> list[float]:
    """Return how long batches of new messages take to be shown, in ascending order."""
    model = view.rows_model
    return sorted(own_time(lambda: model.add(more(), may_drop=True)) for _batch in range(count))
