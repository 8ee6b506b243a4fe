"""The list's model brings rows into their order by one small change for each batch."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from messenger.desktop.conversations.model import ROW, ConversationsModel
from messenger.sdk.results import TypingNotice
from messenger.sdk.store import ConversationSummary
from tests.ui.samples import message, row


def at(name: str, moment: float, **changes: Any) -> ConversationSummary:
    return row(name, last=message(f"at {moment}", stored=moment), **changes)


class Changes:
    """Counts how a model has changed."""

    def __init__(self, model: ConversationsModel) -> None:
        self.seen: list[str] = []
        for name in ("rowsMoved", "rowsInserted", "rowsRemoved", "layoutChanged", "modelReset"):
            getattr(model, name).connect(lambda *_args, name=name: self.seen.append(name))


def model_of(*rows: ConversationSummary) -> ConversationsModel:
    model = ConversationsModel("Иван")
    model.take(rows)
    return model


def test_a_message_moves_one_row(qtmodeltester: ModelTester) -> None:
    model = model_of(at("Мария", 3), at("bob", 2), at("#all", 1))
    changes = Changes(model)

    model.take([at("#all", 4)])

    assert model.names == ["#all", "Мария", "bob"]
    assert changes.seen == ["rowsMoved"]
    qtmodeltester.check(model)


def test_several_messages_lay_rows_out_once_and_keep_what_is_chosen() -> None:
    model = model_of(*(at(name, 10 - place) for place, name in enumerate("abcdef")))
    changes = Changes(model)
    from PyQt6.QtCore import QPersistentModelIndex

    chosen = QPersistentModelIndex(model.index_of("c"))

    model.take([at("f", 20), at("e", 21), at("b", 22)])

    assert model.names == ["b", "e", "f", "a", "c", "d", "#all"]
    assert changes.seen == ["layoutChanged"]
    assert chosen.data() == "c"


def test_what_changes_without_moving_is_told_by_its_row(qtbot: QtBot) -> None:
    model = model_of(at("Мария", 3), at("bob", 2))
    changes = Changes(model)

    with qtbot.waitSignal(model.dataChanged) as told:
        model.take([at("bob", 2, unread=1)])

    assert told.args is not None
    assert told.args[0].row() == 1
    assert changes.seen == []


def test_a_new_conversation_is_inserted_and_an_empty_one_that_was_open_goes() -> None:
    model = model_of(at("Мария", 3), at("#all", 1))
    changes = Changes(model)

    model.take([at("bob", 2)])
    model.open("nobody")
    model.open("bob")

    assert model.names == ["Мария", "bob", "#all"]
    assert changes.seen == ["rowsInserted", "rowsInserted", "rowsRemoved"]


@given(st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 99)), max_size=6))
def test_whatever_arrives_the_rows_are_those_of_the_sorted_list(
    batches: list[dict[str, int]],
) -> None:
    model = model_of(at("a", 1), at("b", 2))
    rows = list(model.names)

    def moved(_parent: Any, first: int, _last: int, _to: Any, to: int) -> None:
        rows.insert(to, rows.pop(first))

    model.rowsMoved.connect(moved)
    model.rowsInserted.connect(lambda _p, first, _l: rows.insert(first, model.names[first]))
    model.rowsRemoved.connect(lambda _p, first, _l: rows.pop(first))
    for signal in (model.modelReset, model.layoutChanged):
        signal.connect(lambda *_args: rows.__setitem__(slice(None), model.names))
    for batch in batches:
        model.take([at(name, moment) for name, moment in batch.items()])

        assert rows == model.names == model.conversations.names


def test_a_filter_shows_names_that_contain_it_in_any_case() -> None:
    model = model_of(at("Мария", 3), at("bob", 2), at("#марс", 1))

    model.filter("  МАР ")
    assert model.names == ["Мария", "#марс"]
    model.take([at("#март", 9), at("bob", 10)])
    assert model.names == ["#март", "Мария", "#марс"]
    model.filter("")
    assert model.names[:2] == ["bob", "#март"]


def test_who_is_typing_is_shown_until_they_stop() -> None:
    model = model_of(at("#кафе", 1))

    def shown() -> str:
        return str(model.data(model.index(0), ROW).preview.text)

    model.take_typing([TypingNotice(conversation="#кафе", from_="bob")])
    model.take_typing([TypingNotice(conversation="#кафе", from_="bob")])
    assert shown() == "bob is typing…"
    model.take_typing([TypingNotice(conversation="#кафе", from_="bob", stopped=True)])
    assert shown() == "at 1"


def test_a_closed_room_is_marked() -> None:
    model = model_of(at("#кафе", 1))

    model.close_rooms(frozenset({"#кафе"}))

    assert model.row("#кафе").is_closed
    model.close_rooms(frozenset())
    assert not model.row("#кафе").is_closed


def test_two_thousand_rows_take_a_batch_quickly(qtbot: QtBot) -> None:
    model = model_of(*(at(f"name {number}", float(number)) for number in range(2000)))
    changes = Changes(model)

    model.take([at(f"name {number}", 3000.0 + number) for number in range(100)])

    assert changes.seen == ["layoutChanged"]
    assert model.names[0] == "name 99"
