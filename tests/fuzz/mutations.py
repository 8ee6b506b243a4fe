"""Mutations of an object: of its structure, of its encoding, of its bytes."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.grammar import fields_of_the_wire


class Literal(str):
    """A value that is written as it stands, whether it is JSON or not."""

    __slots__ = ()


class Escaped(str):
    """A key of which each character is written as an escape."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object whose keys may be repeated."""


_NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 500, 2**31, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1),
    *(10**30, -(10**30), 1.5, -0.0, 1e308, 5e-324),
    *map(Literal, ("1e400", "-1e999", "1e-999", "0.1e1", "9" * 400)),
)
_TEXTS: tuple[Any, ...] = (
    *("", " ", "NaN", "null", "0", "-1", "1e999", "\0", "a\0b", "\n", "\r\n{", '"}\n{"', "\\"),
    *("\u202e", "\u200b", "\ufeff", "\x1b]52;c;x\x07", "%s%n{0}{name}", "' OR 1=1 --", "../../x"),
    *("#", "##", "#all", "~x", "Ж" * 26, "🦄" * 25, "é" * 300, "x" * 5000, "\U0010ffff"),
    *map(Literal, ('"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"')),
)
_OTHERS: tuple[Any, ...] = (
    *(None, True, False),
    *map(Literal, ("[]", "{}", "[[]]", "[null,null]", '["x"]', "[1]", "[[1,{}]]", "[{},{}]")),
    *map(Literal, ('{"":{}}', '{"a":{"b":{"c":{"d":[]}}}}', '{"key":5,"signatures":{"a":1}}')),
)
_OF_EACH_TYPE: tuple[Any, ...] = (
    5,
    10**30,
    1.5,
    True,
    None,
    "",
    "x",
    Literal('["x"]'),
    Literal("{}"),
)
_BROKEN: tuple[Any, ...] = tuple(
    map(Literal, ("NaN", "Infinity", "01", "0x1", "`", "'x'", "tru", '"\\x"', '"\n"', "", "1 2"))
)
_HUGE: tuple[Any, ...] = (
    "x" * 20_000,
    "🦄" * 17_000,
    Literal("[1" + ",1" * 9000 + "]"),
    Literal("9" * 4000),
)

Tree = list[Any]
"""A list of one object, so that the object itself has a position."""
Position = tuple[Any, Any]


def odd(rng: Random) -> Any:
    """Return an unusual value; one in two hundred is not JSON, or is very large."""
    chance = rng.random()
    if chance < 0.005:
        return rng.choice(_BROKEN if chance < 0.003 else _HUGE)
    return rng.choice(rng.choice((_NUMBERS, _TEXTS, _OTHERS)))


def spoil(rng: Random, value: Any, other: Any = None) -> Any:
    """Return the object with one to three mutations; `other` may become a part of it."""
    tree: Tree = [value]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        positions = _positions(tree)
        rng.choice(_MUTATIONS)(rng, positions, other)
    return tree[0]


def retype(rng: Random, value: Any) -> Any:
    """Return the object with one value of another type."""
    tree: Tree = [value]
    _replace_by(rng, _positions(tree), rng.choice(_OF_EACH_TYPE))
    return tree[0]


def _positions(tree: Tree) -> list[Position]:
    """Return the position of each value: its container, and its key or index there."""
    found: list[Position] = [(tree, 0)]
    for container, key in found:
        value = container[key]
        if type(value) is dict:
            found += [(value, inner) for inner in value]
        elif type(value) is list:
            found += [(value, index) for index in range(min(len(value), 20))]
    return found


def _pick(rng: Random, positions: list[Position]) -> Position:
    return rng.choice(positions[1:] or positions)


def _replace(rng: Random, positions: list[Position], _other: Any) -> None:
    _replace_by(rng, positions, odd(rng))


def _replace_by(rng: Random, positions: list[Position], value: Any) -> None:
    container, key = _pick(rng, positions)
    container[key] = value


def _drop(rng: Random, positions: list[Position], _other: Any) -> None:
    container, key = _pick(rng, positions)
    if type(container) is dict:
        del container[key]


def _objects(positions: list[Position]) -> list[Position]:
    return [position for position in positions if type(position[0][position[1]]) is dict]


def _add(rng: Random, positions: list[Position], _other: Any) -> None:
    """Add a key of other objects of the wire, most often one that the server sets."""
    objects = [container[key] for container, key in _objects(positions)]
    for found in objects[: rng.choice((1, 1, 3))]:
        found[rng.choice(fields_of_the_wire())] = odd(rng)


def _double(rng: Random, positions: list[Position], _other: Any) -> None:
    if objects := _objects(positions):
        container, key = rng.choice(objects)
        pairs = [*container[key].items()]
        twice = [(name, odd(rng)) for name, _ in pairs if rng.random() < 0.3]
        container[key] = Pairs(rng.choice((pairs + twice, twice + pairs)))


def _escape(rng: Random, positions: list[Position], _other: Any) -> None:
    if objects := _objects(positions):
        container, key = rng.choice(objects)
        items = container[key].items()
        container[key] = {Escaped(name) if rng.random() < 0.5 else name: it for name, it in items}


def _nest(rng: Random, positions: list[Position], _other: Any) -> None:
    container, key = _pick(rng, positions)
    depth = rng.choice((2, 3, 5, 20, 29) if rng.random() < 0.95 else (31, 33, 200, 1500))
    before, after = rng.choice((("[", "]"), ('{"a":', "}"), ('[{"":', "}]")))
    container[key] = Literal(before * depth + encode(container[key]) + after * depth)


def _swap(rng: Random, positions: list[Position], _other: Any) -> None:
    (one, first), (two, second) = _pick(rng, positions), _pick(rng, positions)
    if one is two:
        one[first], two[second] = two[second], one[first]


def _repeat(rng: Random, positions: list[Position], _other: Any) -> None:
    container, key = _pick(rng, positions)
    value = container[key]
    if type(value) is list:
        container[key] = value * rng.choice((0, 2, 3, 200))
    elif type(value) is str:
        container[key] = value * rng.choice((0, 2, 3, 1 + 2000 // (1 + len(value))))


def _twist(rng: Random, positions: list[Position], _other: Any) -> None:
    """Change a character or the end of a string, or the sign or size of a number."""
    container, key = _pick(rng, positions)
    value = container[key]
    if type(value) is str:
        at = rng.randrange(len(value) + 1)
        put = rng.choice(("", "A", "\0", "=", "я", '"', "\u0301", value[:at]))
        container[key] = value[:at] + put + value[at + rng.randrange(3) :]
    elif type(value) in (int, float):
        container[key] = rng.choice((-value, value + 1, value * 10, str(value), value * 2**53))


def _graft(rng: Random, positions: list[Position], other: Any) -> None:
    container, key = _pick(rng, positions)
    container[key] = Literal(encode(other))


_MUTATIONS: tuple[Callable[[Random, list[Position], Any], None], ...] = (
    *(_replace, _replace, _replace, _drop, _add, _add, _double, _escape, _nest),
    *(_swap, _repeat, _twist, _twist, _graft),
)


def encode(value: Any, gap: str = "", *, ascii: bool = True) -> str:
    """Return the value as JSON, or nearly; `gap` is white space to put wherever JSON allows it."""
    if type(value) is Literal:
        return str(value)
    if type(value) is dict or type(value) is Pairs:
        items = value.items() if type(value) is dict else value
        inner = (
            f"{_key(name)}{gap}:{gap}{encode(item, gap, ascii=ascii)}{gap}" for name, item in items
        )
        return f"{{{gap}{f',{gap}'.join(inner)}}}"
    if type(value) is list:
        return f"[{gap}{f',{gap}'.join(encode(item, gap, ascii=ascii) for item in value)}{gap}]"
    return json.dumps(value, ensure_ascii=ascii)


def _key(name: str) -> str:
    if type(name) is Escaped:
        return '"' + "".join(f"\\u{ord(one) & 0xFFFF:04x}" for one in name) + '"'
    return json.dumps(name)


def written(rng: Random, value: Any) -> bytes:
    """Return the object as bytes, now and then with white space."""
    gap = rng.choice(("", "", "", " ", "\n", "\r\n\t "))
    end = rng.choice(("\n", "\n", "\n", "\r\n", "", " ", "\n\n"))
    text = encode(value, gap, ascii=rng.random() < 0.7) + end
    return text.encode("utf-8", "surrogatepass")


def damaged(rng: Random, data: bytes, other: bytes) -> bytes:
    """Return the bytes cut, spliced with others, or with some of them changed."""
    at = rng.randrange(len(data) + 1)
    match rng.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + other[rng.randrange(len(other) + 1) :]
        case 2:
            return data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]
        case 3:
            return data[:at] + data[at + 1 :]
        case 4:
            return data[at:] + data[:at]
    return data[:at] + bytes([rng.choice(b'{}[]",:\\\n\0\x16\xff')]) + data[at + 1 :]
