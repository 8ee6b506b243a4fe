"""The model tells views exactly what has changed, whatever happens to the messages."""

import random
from typing import Any

import pytest
from PyQt6.QtCore import QModelIndex, Qt

from messenger.desktop.messages import model as module
from messenger.desktop.messages.model import MessagesModel
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState
from messenger.ui.message_rows import Row
from tests.desktop.talks import ME, said, talk


class Shadow:
    """Follows a model by its signals only."""

    def __init__(self, model: MessagesModel) -> None:
        self.rows: list[Row] = list(model.rows)
        self.resets = 0
        self._model = model
        model.modelReset.connect(self._reset)
        model.rowsInserted.connect(self._insert)
        model.rowsRemoved.connect(self._remove)
        model.dataChanged.connect(self._change)

    def _reset(self) -> None:
        self.resets += 1
        self.rows = list(self._model.rows)

    def _insert(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = self._model.rows[first : last + 1]
        assert len(self.rows) == self._model.rowCount()

    def _remove(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]
        assert len(self.rows) == self._model.rowCount()

    def _change(self, first: QModelIndex, last: QModelIndex) -> None:
        self.rows[first.row() : last.row() + 1] = self._model.rows[first.row() : last.row() + 1]


def opened(first: int = 1, last: int = 20, **how: Any) -> tuple[MessagesModel, Shadow]:
    model = MessagesModel(ME)
    model.open(talk(first, last), is_room=True, is_encrypted=True, **how)
    return model, Shadow(model)


def test_whatever_happens_signals_tell_it(seed: int) -> None:
    choose = random.Random(seed)
    model, shadow = opened(100, 120)
    for _time in range(200):
        first, last = model.messages[0].id, model.messages[-1].id
        do = choose.randrange(7)
        if do == 0:
            model.add(talk(last + 1, last + choose.randrange(1, 4)))
        elif do == 1:
            model.add_older(talk(max(1, first - 3), first - 1), is_start=first < 4)
        elif do == 2:
            chosen = choose.choice(model.messages)
            model.change([chosen._replace(text="changed", state=MessageState.FAILED)])
        elif do == 3:
            model.note(f"note {choose.random()}")
        elif do == 4:
            model.add([said(last + 50, "unsent", ME, seq=None, state=MessageState.UNSENT)])
        elif do == 5:
            unsent = [one for one in model.messages if one.seq is None]
            model.change([one._replace(seq=one.id) for one in unsent])
        else:
            model.timeline.drop_oldest(2)
            model._show()
        assert shadow.rows == model.rows
        assert [model.place_of(row.key) for row in model.rows] == list(range(len(model.rows)))
    assert shadow.resets == 0


def test_a_new_message_changes_only_its_neighbour() -> None:
    model, shadow = opened()
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b: told.append((a.row(), b.row())))

    model.add([said(21, "hi", model.messages[-1].sender)])

    assert told == [(19, 19)]  # It does not end the group any more.
    assert shadow.rows == model.rows


def test_a_message_is_added_once_and_in_the_order_of_the_log() -> None:
    model, _shadow = opened(1, 5)

    assert model.add([said(7), said(6), said(5)]) == 2

    assert [one.seq for one in model.messages] == [1, 2, 3, 4, 5, 6, 7]


def test_a_message_that_was_sent_before_others_takes_its_place() -> None:
    model, shadow = opened(1, 3)
    unsent = said(90, "mine", ME, seq=None, state=MessageState.UNSENT)
    model.add([unsent])
    model.add([said(5)])
    assert model.messages[-1] == unsent

    model.change([unsent._replace(seq=4, state=MessageState.SENT)])

    assert [one.seq for one in model.messages] == [1, 2, 3, 4, 5]
    assert shadow.rows == model.rows


def test_the_far_end_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 30)
    model, shadow = opened(50, 70, is_start=False)

    model.add_older(talk(30, 49), is_start=False)
    assert [model.messages[0].seq, model.messages[-1].seq] == [30, 59]
    assert model.has_newer

    model.add_newer(talk(60, 75), has_newer=False)
    assert model.messages[-1].seq == 75
    assert len(model.messages) <= 30
    assert not model.has_newer
    assert shadow.rows == model.rows


def test_a_storm_below_what_is_read_is_not_shown_before_one_goes_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise each row would be worked out again with every lot of messages."""
    monkeypatch.setattr(module, "MAX_ROWS", 30)
    model, shadow = opened(1, 25, is_start=True)

    model.add(talk(26, 40))

    assert [model.messages[0].seq, model.messages[-1].seq] == [1, 30]
    assert model.has_newer
    assert shadow.rows == model.rows


def test_a_screen_reader_hears_who_when_what_and_the_state() -> None:
    model = MessagesModel(ME)
    failed = said(3, "oh", ME, state=MessageState.FAILED, reason="too long")
    model.trust({"名前": IdentityTrust.VERIFIED, "bob": IdentityTrust.CHANGED})
    model.open(
        [
            said(1, "привет\nвам"),
            said(2, "yes", ME),
            failed,
            said(4, "plain", "guest", guest=True, security=MessageSecurity.UNENCRYPTED),
            said(5, "hm", "bob"),
        ],
        unread_after=3,
        is_encrypted=True,
    )
    heard = [model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(5)]
    assert heard == [
        "Monday, 4 May. 名前 (verified), 12:01: привет\n    вам",
        "You, 12:02: yes, read",
        "You, 12:03: oh, not sent: too long",
        "New messages. guest (guest), 12:04: plain, not encrypted",
        "bob (changed!), 12:05: hm",
    ]


def test_characters_that_reorder_a_text_are_shown() -> None:
    model = MessagesModel(ME)
    model.open([said(1, "a\u202eb")])

    assert model.data(model.index(0)) == "a\\u202eb"
    assert model.data(QModelIndex()) is None
