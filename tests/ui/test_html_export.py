"""A page of messages shows what was written, to any browser, and runs nothing of it."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.sdk.store import MessageSecurity, MessageState, StoredMessage
from messenger.ui.html_export import page, text_of
from tests.ui.samples import message

DAY = 24 * 3600
XHTML = "{http://www.w3.org/1999/xhtml}"


def parsed(*messages: StoredMessage, conversation: str = "bob") -> ET.Element:
    lines = list(page(messages, conversation, "ann", 0))
    return ET.fromstring("\n".join(lines))


def texts(root: ET.Element, kind: str) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter() if one.get("class", "").startswith(kind)]


def test_it_has_days_senders_and_times() -> None:
    root = parsed(
        message("one", id=1, stored=1, time=1),
        message("two", id=2, stored=2, time=2),
        message("three", id=3, stored=2 * DAY, time=2 * DAY, sender="ann"),
    )

    assert len(list(root.iter(f"{XHTML}h2"))) == 2
    assert texts(root, "text") == ["one", "two", "three"]
    assert texts(root, "sender") == ["bob"]
    assert len(list(root.iter(f"{XHTML}time"))) == 3
    assert [one.get("class") for one in root.iter(f"{XHTML}article")] == [
        "message first", "message", "message mine first",
    ]  # fmt: skip


def test_a_room_names_everybody_who_wrote() -> None:
    root = parsed(
        message("hi", sender="ann", conversation="#room"),
        message("ho", sender="cid", conversation="#room", guest=True),
        conversation="#room",
    )

    assert texts(root, "sender") == ["ann", "cid (guest)"]


def test_what_was_not_sent_or_cannot_be_read_is_said() -> None:
    root = parsed(
        message("a", sender="ann", state=MessageState.FAILED),
        message("b", sender="ann", state=MessageState.UNSENT),
        message("", security=MessageSecurity.WAITING),
    )

    assert "not sent" in texts(root, "state")[0]
    assert "queued" in texts(root, "state")[1]
    assert "waiting for the key" in texts(root, "text note")[0]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "&lt;", "\"'><img src=x>", "]]>"])
def test_nothing_in_a_message_becomes_markup(text: str) -> None:
    root = parsed(message(text, sender=text), conversation=text)

    assert texts(root, "text") == [text]
    assert not list(root.iter(f"{XHTML}script"))
    assert not list(root.iter(f"{XHTML}img"))


def test_it_loads_nothing_from_elsewhere() -> None:
    written = "\n".join(page([message("https://example.org")], "bob", "ann", 0))

    assert "default-src 'none'" in written
    for forbidden in ("src=", "href=", "url(", "@import"):
        assert forbidden not in written


@given(st.text(st.characters()))
def test_any_text_is_well_formed(text: str) -> None:
    written = f"<p>{text_of(text)}</p>".encode()

    ET.fromstring(written)
