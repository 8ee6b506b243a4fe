"""A text mentions the user where `@` and the name stand as a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.crypto.accounts import Secret
from messenger.jim.messages import Message
from messenger.sdk.mentions import is_mentioned
from messenger.sdk.store import Store
from tests.sdk.reader import BOB, IVAN, Reader, Writer

_NAMES = st.sampled_from(["ann", "Анна", "Анна Мария", "名前", "राम", "bob!", "a.b-c", "ёж", "x_1"])
_ENDS = st.sampled_from(["", " ", ",", ".", "!", "?", ")", "\n", "'s", " — ", "🙂", "-"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ann", "@ann"),
        ("ann", "hi (@ANN), look"),
        ("Ann", "＠ａｎｎ?"),
        ("Анна", "привет, @анна!"),
        ("Анна Мария", "@анна мария, ты где"),
        ("straße", "@STRASSE"),
        ("bob!", "@bob!now"),
        ("ann", "@anna and @ann"),
        ("ann", "@@ann"),
        ("名前", "@名前、"),
    ],
)
def test_a_name_after_an_at_sign_is_a_mention(name: str, text: str) -> None:
    assert is_mentioned(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ann", "ann"),
        ("ann", "@anna"),
        ("ann", "mail bob@ann today"),
        ("ann", "@ann_1"),
        ("राम", "@रामा"),
        ("Анна", "@Аннам"),
        ("a.c", "@abc"),
        ("ann", "@ ann"),
        ("Анна Мария", "@Анна"),
    ],
)
def test_a_part_of_a_word_is_none(name: str, text: str) -> None:
    assert not is_mentioned(name, text)


@given(_NAMES, st.text(), _ENDS, st.text())
def test_what_stands_around_a_mention_does_not_hide_it(
    name: str, before: str, end: str, after: str
) -> None:
    assert is_mentioned(name, f"{before} @{name.upper()}{end}" + (f" {after}" if end else ""))


@given(_NAMES, st.text())
def test_a_text_without_an_at_sign_mentions_nobody(name: str, text: str) -> None:
    assert not is_mentioned(name, text.replace("@", "").replace("＠", "").replace("﹫", ""))


def test_unread_mentions_are_counted_until_they_are_read() -> None:
    store = Store()
    texts = ["hi", "@Ann, look", "nothing", "and @ann"]
    received = [
        Message(time=1, to="#room", from_="bob", message=text, seq=seq)
        for seq, text in enumerate(texts, 1)
    ]
    own = Message(time=1, to="#room", from_="ann", message="I am @ann", seq=5)

    stored = store.add_received("#room", "ann", [*received, own])

    assert [one.mentions for one in stored] == [False, True, False, True, False]
    assert [one.mentions for one in store.page("#room")] == [one.mentions for one in stored]
    row = store.summary("#room")
    assert row is not None
    assert (row.unread, row.mentions) == (4, 2)
    store.describe("#room", read=2)
    row = store.summary("#room")
    assert row is not None
    assert (row.unread, row.mentions) == (2, 1)
    store.close()


def test_a_mention_that_waits_for_its_key_counts_once_it_is_decrypted() -> None:
    secret = Secret(BOB)
    reader, bob = Reader(), Writer("PHONE", secret)
    reader.meets(bob.device, secret=secret)
    key = bob.key()
    reader.receives(bob.writes(f"look, @{IVAN.lower()}!", 1), bob.writes("look, @Анна!", 2))
    row = reader.store.summary(BOB)
    assert row is not None
    assert (row.unread, row.mentions) == (2, 0)

    reader.opens(reader.encryption.sessions.take_key(key, bob.device))

    assert [one.mentions for one in reader.all()] == [True, False]
    row = reader.store.summary(BOB)
    assert row is not None
    assert row.mentions == 1
    reader.store.close()
