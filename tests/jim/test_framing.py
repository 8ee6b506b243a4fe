"""Objects are found in any stream: any split, any space between, any garbage."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messenger.jim.errors import BrokenStream, ProtocolError, TooLarge
from messenger.jim.framing import Framer

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), json_values, max_size=5)
seams = st.sampled_from(["", "\n", "\r\n", " ", "   \n  ", "\t", " " * 100, "\ufeff"])


def feed(data: bytes, cuts: list[int], limit: int = 1 << 20) -> tuple[list[bytes], Framer]:
    """Feed the data in pieces, cut at these positions."""
    framer = Framer(limit)
    positions = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    frames = []
    for begin, end in itertools.pairwise(positions):
        frames += framer.feed(data[begin:end])
    return frames, framer


@given(
    st.lists(st.tuples(objects, seams, st.booleans(), st.booleans()), max_size=6),
    st.lists(st.integers(0, 10_000), max_size=8),
)
def test_objects_survive_any_split_and_any_seam(
    sent: list[tuple[dict[str, Any], str, bool, bool]], cuts: list[int]
) -> None:
    data = "".join(
        json.dumps(value, ensure_ascii=escaped, indent=2 if indented else None) + seam
        for value, seam, escaped, indented in sent
    ).encode("utf-8", "surrogatepass")

    frames, framer = feed(data, cuts)

    assert framer.error is None
    assert [json.loads(frame.decode("utf-8", "surrogatepass")) for frame in frames] == [
        value for value, *_ in sent
    ]


lines_with = st.sampled_from(
    ["}", "{", '"', '}"', '}{"', "\\", "x" * 200, json.dumps({"a": {"b": "}"}}), "Ё名🙂"]
)


@given(st.lists(st.lists(lines_with), max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_lines_are_the_objects_wherever_they_are_cut(
    texts: list[list[str]], cuts: list[int]
) -> None:
    """Also those that are cut in the middle, and have braces and quotes in their texts."""
    frames = [json.dumps({"message": "".join(text)}).encode() for text in texts]
    data = b"".join(frame + b"\n" for frame in frames)

    found, framer = feed(data, cuts)

    assert framer.error is None
    assert found == frames


@given(st.integers(0, 200))
def test_lines_are_read_as_lines_again_wherever_a_read_has_ended(cut: int) -> None:
    """In a busy stream each read ends within an object: none may be searched for its braces."""
    line = json.dumps({"message": json.dumps({"a": {"b": "c"}}), "id": "1"}).encode() + b"\n"
    framer, end = Framer(len(line) * 2), cut % len(line)

    found = framer.feed(line + line[:end])
    found += framer.feed(line[end:] + line * 50 + line[:20])

    assert found == [line[:-1]] * 52
    assert framer._position == 0, "it looks for the end of the last one by its braces"


@pytest.mark.parametrize("limit", [30, 70])
def test_of_lines_that_are_read_together_each_has_to_keep_the_limit(limit: int) -> None:
    short, long = b'{"a":"x"}', b'{"a":"' + b"x" * 60 + b'"}'

    found, framer = feed(b"\n".join([short] * 9 + [long] + [short] * 9) + b"\n", [], limit)

    count, is_refused = (9, True) if limit == 30 else (19, False)
    assert (len(found), isinstance(framer.error, TooLarge)) == (count, is_refused)


@given(st.lists(st.lists(lines_with), max_size=4), st.lists(st.integers(0, 10_000), max_size=12))
def test_no_object_waits_for_a_newline(texts: list[list[str]], cuts: list[int]) -> None:
    """Not even from a peer that has sent lines before."""
    frames = [json.dumps({"message": "".join(text)}).encode() for text in texts]

    found, framer = feed(b'{"a": 1}\n' + b"".join(frames), cuts)

    assert framer.error is None
    assert found == [b'{"a": 1}', *frames]


def test_what_begins_no_object_is_refused_at_once_after_lines_too() -> None:
    framer = Framer()

    assert framer.feed(b'{"a": 1}\nGET') == [b'{"a": 1}']

    assert isinstance(framer.error, BrokenStream)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_garbage_is_an_error_and_never_an_exception(data: bytes, cuts: list[int]) -> None:
    frames, framer = feed(data, cuts)

    assert all(frame[:1] == b"{" for frame in frames)
    assert framer.error is None or isinstance(framer.error, ProtocolError)


@given(objects, st.binary(min_size=1, max_size=50), st.lists(st.integers(0, 300), max_size=5))
def test_objects_before_garbage_are_not_lost(
    value: dict[str, Any], garbage: bytes, cuts: list[int]
) -> None:
    good = json.dumps(value).encode()

    frames, framer = feed(good + b"\x00" + garbage, cuts)

    assert frames == [good]
    assert isinstance(framer.error, BrokenStream)


@settings(max_examples=20)
@given(st.integers(2, 200), st.integers(1, 50))
def test_an_object_over_the_limit_is_refused_before_it_is_complete(limit: int, step: int) -> None:
    framer = Framer(limit)
    data = b'{"a":"' + b"x" * 10_000
    fed = 0
    while framer.error is None and fed < len(data):
        framer.feed(data[fed : fed + step])
        fed += step

    assert isinstance(framer.error, TooLarge)
    assert fed <= limit + 2 * step


def test_an_object_of_just_the_limit_passes() -> None:
    data = b'{"a":"' + b"x" * 92 + b'"}'

    assert Framer(100).feed(data) == [data]
    assert Framer(100).feed(data + b"\n") or Framer(101).feed(data + b"\n") == [data]


def test_padding_is_not_part_of_an_object() -> None:
    framer = Framer(50)

    frames = framer.feed((b'{"a": 1}'.ljust(640)) * 3)

    assert frames == [b'{"a": 1}'] * 3


@pytest.mark.parametrize(
    ("data", "reads_lines"),
    [
        (b"{}", False),
        (b"{}{}", False),
        (b"{}\n", True),
        (b"{} \r\n", True),
        (b'{"a":"\\n"}', False),
    ],
)
def test_whether_a_peer_reads_lines_is_seen_by_what_it_sends(
    data: bytes, reads_lines: bool
) -> None:
    framer = Framer()
    framer.feed(data)

    assert framer.newline is reads_lines


@pytest.mark.parametrize("text", ["}\n{", '}{"', "{", "\\", '\\"}', "\\\\", "}\\n{"])
def test_braces_and_quotes_in_texts_separate_no_objects(text: str) -> None:
    frames = [json.dumps({"message": text}).encode(), b'{"a": 2}']

    assert Framer().feed(b"\n".join(frames) + b"\n") == frames
    assert Framer().feed(b"".join(frames)) == frames


def test_depth_is_limited() -> None:
    framer = Framer()
    framer.feed(b'{"a":' * 10_000)

    assert isinstance(framer.error, BrokenStream)


def test_after_an_error_nothing_is_read() -> None:
    framer = Framer()
    framer.feed(b"GET / HTTP/1.1\r\n\r\n")

    assert framer.error is not None
    assert framer.feed(b"{}") == []
