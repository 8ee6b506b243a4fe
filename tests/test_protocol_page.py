"""The examples in docs/protocol.md are sent to a real server, and answered as printed."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from messenger.jim.base import Reply
from messenger.jim.codec import AnyEvent, AnyRequest
from tests.documents import Block, blocks, read
from tests.running import PASSWORD, Talker, running, understanding

Frame = dict[str, Any]

ABRIDGED = 8
"""The number of requests that omit what would fill pages: keys, signatures, verifiers, messages of
SCRAM. They are not sent, but their keys compared with those that the server knows; other tests
send them."""

_GREETINGS = ("presence", "authenticate", "scram")
_LEFT_OUT = re.compile(r", \.\.\.(?=[\]}])|(?<=[\[{])\.\.\.(?=[\]}])|\{\.\.\.\}(?=\])|\.\.\., ")


def frames(block: Block) -> Iterator[tuple[str, str]]:
    """Return the objects of a block, each with its arrow."""
    for found in re.split(r"\n(?=->|<-)", block.text):
        yield found[:2], " ".join(line.strip() for line in found[2:].splitlines())


def whole(text: str) -> tuple[Frame, bool]:
    """Return an object, and whether nothing was omitted from it."""
    shortened = _LEFT_OUT.sub("", text)
    return json.loads(shortened), shortened == text


def struct_of(frame: Frame, known: Any) -> Any:
    """Return the type of an action."""
    return next(one for one in get_args(known) if one.__struct_config__.tag == frame["action"])


def names_of(struct: Any) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)} | {"action", "time"}


def replies(kind: Any = Reply) -> set[str]:
    """Return the keys of all replies."""
    return names_of(kind).union(*(replies(one) for one in kind.__subclasses__()))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running(tmp_path_factory.mktemp("protocol"), "--limits", "off") as server:
        yield server.port


def page() -> list[Block]:
    return [block for block in blocks("docs/protocol.md") if block.kind == "wire"]


def test_the_examples_are_answered_as_they_are_printed(port: int) -> None:
    guest, *others = page()
    with Talker(port) as client:
        play(client, guest)
    with Talker(port) as client:
        for name in ("ann", "bob", "eve"):
            client.register_quickly(name)
    assert sum(as_printed(port, block) for block in others) == ABRIDGED


def as_printed(port: int, block: Block) -> int:
    """Play a block on a connection of its own; return how many of its requests are abridged."""
    with Talker(port) as client:
        first, _whole = whole(next(frames(block))[1])
        if first.get("action") not in _GREETINGS:
            user = {"account_name": "ann", "password": PASSWORD}
            greeting = understanding("D1") if is_extension(block) else {}
            greeting.get("features", []).append("encryption")
            assert client.ask("authenticate", user=user, **greeting)["response"] == 200
        return play(client, block)


def is_extension(block: Block) -> bool:
    """Tell whether the block is about the extension, which plain clients never get."""
    return block.line > read(block.page).splitlines().index("## The extension")


def play(client: Talker, block: Block) -> int:
    abridged = 0
    answer = None
    for arrow, text in frames(block):
        printed, is_whole = whole(text.replace('"password": "..."', f'"password": "{PASSWORD}"'))
        if arrow == "->":
            assert printed.keys() <= names_of(struct_of(printed, AnyRequest)), text
            abridged += not is_whole
            answer = sent(client, printed) if is_whole else None
        elif "response" not in printed:
            assert printed.keys() <= names_of(struct_of(printed, AnyEvent)), text
        else:
            compare(printed, answer, is_whole=is_whole)
    return abridged


def sent(client: Talker, printed: Frame) -> Frame | None:
    """Send a request; return its reply, or None if it has none."""
    if printed["action"] == "quit":
        client.send("quit")
        assert client.is_closed()
        return None
    answer = client.ask(**printed)
    assert answer["response"] != 400, answer
    return answer


def compare(printed: Frame, answer: Frame | None, *, is_whole: bool) -> None:
    """Compare a reply with the printed one: the code, the keys, and the type of each value."""
    assert printed.keys() <= replies(), printed
    if answer is None:
        return
    assert answer["response"] == printed["response"], answer
    if is_whole:
        assert answer.keys() - {"id"} <= printed.keys(), answer
    for key in answer.keys() & printed.keys():
        assert kind(answer[key]) is kind(printed[key]), (key, answer)


def kind(value: object) -> type:
    return float if isinstance(value, int) else type(value)
