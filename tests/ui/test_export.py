"""An export has every message once, and leaves no half of a file."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.cancelling import Cancellation
from messenger.sdk.errors import Cancelled
from messenger.sdk.file_errors import FileExists, FileUnwritable, NoDirectory
from messenger.ui.export import Format, export, stored_messages

COUNT = 1201


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client that has written many messages, and never was online."""
    store = Store(tmp_path / "messages.db")
    made = Client("127.0.0.1", 1, Credentials("ann"), store)
    for number in range(COUNT):
        made.send_text("bob", f"№ {number}")
    yield made
    made.close()
    store.close()


def test_each_message_is_in_it_once_and_in_order(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "письма.jsonl"
    told: list[tuple[int, int]] = []

    count = export(client, "bob", file, Format.JSON, lambda *step: told.append(step))

    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [one["text"] for one in lines] == [f"№ {number}" for number in range(COUNT)]
    assert count == COUNT
    assert told[-1] == (COUNT, COUNT)
    assert len(told) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_page_has_them_too(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "page.html"

    assert export(client, "bob", file, Format.HTML) == COUNT
    written = file.read_text("utf-8")
    assert written.startswith("<!DOCTYPE html>")
    assert written.count("<article") == COUNT


def test_no_file_is_replaced_unless_the_user_agrees(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.write_text("precious")

    with pytest.raises(FileExists):
        export(client, "bob", file, Format.JSON)
    assert file.read_text() == "precious"
    export(client, "bob", file, Format.JSON, may_replace=True)
    assert "precious" not in file.read_text("utf-8")


def test_one_that_appears_meanwhile_is_not_replaced(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "new"

    def appear(_done: int, _of: int) -> None:
        file.write_text("precious")

    with pytest.raises(FileExists):
        export(client, "bob", file, Format.JSON, appear)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("form", Format)
def test_an_interrupted_one_leaves_nothing(client: Client, tmp_path: Path, form: Format) -> None:
    cancellation = Cancellation()
    before = sorted(tmp_path.iterdir())

    with pytest.raises(Cancelled), cancellation:
        export(client, "bob", tmp_path / "x", form, lambda *_step: cancellation.cancel())

    assert sorted(tmp_path.iterdir()) == before


def test_a_directory_that_is_missing_or_a_file_is_refused(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NoDirectory):
        export(client, "bob", tmp_path / "no" / "x", Format.JSON)
    with pytest.raises(FileUnwritable):
        export(client, "bob", tmp_path / ("x" * 300), Format.JSON)


def test_what_is_sent_meanwhile_is_yielded_once(client: Client) -> None:
    messages = stored_messages(client.store, "bob")
    first = next(messages)
    client.send_text("bob", "late")

    rest = [one.text for one in messages]

    assert first.text == "№ 0"
    assert len(rest) == len(set(rest)) == COUNT
