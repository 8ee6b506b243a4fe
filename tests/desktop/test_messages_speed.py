"""The message view is quick. The limits are three times the promised ones: machines differ."""

import itertools
import statistics

from pytestqt.qtbot import QtBot

from messenger.desktop.messages.model import MAX_ROWS, MessagesModel
from messenger.sdk.store import StoredMessage
from tests.desktop.measuring import frames, opening, storm
from tests.desktop.talks import ME, shown, talk

_BATCH = 33
"""Messages that arrive between two batches of events at 1,000 a second."""


def test_opening_scrolling_and_a_storm_of_messages_are_quick(qtbot: QtBot) -> None:
    model = MessagesModel(ME)
    view = shown(model, (750, 720))
    qtbot.addWidget(view)
    opening(model, talk(1, 100))  # Fonts and pictures are loaded at the first time.
    assert opening(model, talk(1, MAX_ROWS)) < 300
    qtbot.waitUntil(lambda: not view._idle.isActive())

    for step in (-16, -120, -900):
        took = frames(view, step, 100)
        assert statistics.mean(took) < 24
        assert took[98] < 48

    view.to_end()
    numbers = itertools.count(MAX_ROWS + 1, _BATCH)

    def more() -> list[StoredMessage]:
        first = next(numbers)
        return talk(first, first + _BATCH - 1)

    took = storm(view, more, 40)
    assert took[38] < 150
    assert len(model.messages) <= MAX_ROWS
    assert view.is_at_end
