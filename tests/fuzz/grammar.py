"""Objects of the wire, generated from the project's own types: valid, or nearly so.

No action is named: the keys of requests, replies and events are read from the types in
`messenger.jim`, so an action that is added there is fuzzed without a change.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import inspect

from messenger.jim.codec import AnyEvent, AnyRequest

EVENTS = get_args(AnyEvent)
REQUESTS = get_args(AnyRequest)
REPLIES = sorted({request.answer for request in REQUESTS}, key=lambda reply: reply.__name__)

_ODD_NAMES = ("", " ", "Иван", "名前", "a/b%41", "two words", "🦄" * 25, "x" * 26, "\0", "#", "~")
_WORDS = ("", "hi", "{}", "AAAA", "laptop", "привет", "utf-8", "m.megolm.v1.aes-sha2", "%s{name}")
_NUMBERS = (0, 1, 2, 3, 5, 100)
_CODES = (200, 200, 201, 202, 400, 401, 402, 403, 404, 409, 410, 413, 429, 500, 503)


class World(NamedTuple):
    """The values to choose from: users, rooms and devices that exist on the server, and others.

    `samples` are objects that real clients have sent, by their action.
    """

    names: list[str]
    rooms: list[str]
    devices: list[str]
    passwords: list[str]
    samples: Mapping[str, list[str]]


Make = Callable[[Random, World], Any]


def build(rng: Random, world: World, type: Any) -> Any:
    """Return an object of a type, mostly valid, before it is encoded."""
    return _maker_of(type)(rng, world)


@cache
def _maker_of(type: Any) -> Make:
    return _maker(inspect.type_info(type), "")


@cache
def fields_of_the_wire() -> list[str]:
    """Return the names of all keys of all objects, to put them where they do not belong."""
    names: set[str] = set()
    for struct in (*REQUESTS, *EVENTS, *REPLIES):
        _collect_names(inspect.type_info(struct), names)
    return sorted(names)


def _collect_names(type: inspect.Type, names: set[str]) -> None:
    if isinstance(type, inspect.StructType):
        if type.tag_field:
            names.add(type.tag_field)
        for field in type.fields:
            names.add(field.encode_name)
            _collect_names(field.type, names)
    for inner in (*getattr(type, "types", ()), getattr(type, "item_type", None)):
        if inner is not None:
            _collect_names(inner, names)


def _maker(type: inspect.Type, name: str) -> Make:
    """Return a function that makes values of a type for a key of this name."""
    if isinstance(type, inspect.StructType):
        return _struct(type)
    if isinstance(type, inspect.UnionType):
        makers = [_maker(one, name) for one in type.types]
        return lambda rng, world: rng.choice(makers)(rng, world)
    if isinstance(type, inspect.DictType):
        value = _maker(type.value_type, "")
        return lambda rng, world: {
            _text(rng, world): value(rng, world) for _ in range(rng.randrange(4))
        }
    if (item := getattr(type, "item_type", None)) is not None:
        one = _maker(item, name)
        return lambda rng, world: [one(rng, world) for _ in range(rng.randrange(4))]
    return _simple(type, name)


def _simple(type: inspect.Type, name: str) -> Make:
    match type:
        case inspect.LiteralType(values=values):
            choices: Sequence[Any] = values
        case inspect.IntType():
            choices = _CODES if name == "response" else _NUMBERS
        case inspect.FloatType():
            choices = (*_NUMBERS, 1.5, 1764.25)
        case inspect.BoolType():
            choices = (True, False)
        case inspect.NoneType():
            choices = (None,)
        case inspect.StrType():
            return lambda rng, world: rng.choice(rng.choice(_texts(world, name)))
        case _:
            return _anything
    return lambda rng, _world: rng.choice(choices)


def _struct(type: inspect.StructType) -> Make:
    made = [(field.encode_name, field.required, _maker(field.type, field.encode_name))
            for field in type.fields]  # fmt: skip
    tag = {type.tag_field: type.tag} if type.tag_field else {}

    def make(rng: Random, world: World) -> dict[str, Any]:
        found: dict[str, Any] = dict(tag)
        for name, required, value in made:
            if required or rng.random() < 0.4:
                found[name] = value(rng, world)
        return found

    return make


def _text(rng: Random, world: World) -> str:
    return rng.choice(rng.choice(_texts(world, "")))


def _texts(world: World, name: str) -> Sequence[Sequence[str]]:
    """Return lists of strings for a field of this name."""
    for parts, texts in (
        (("room",), [world.rooms]),
        (("to", "conversation"), [world.names, world.rooms]),
        (("device", "id"), [world.devices]),
        (("password", "old", "new"), [world.passwords]),
        (("account_name", "client_name", "from", "prefix"), [world.names]),
        (("user_id", "user_login"), [world.names]),
    ):
        if name in parts:
            return [*texts * 5, _ODD_NAMES]
    return [_WORDS, _ODD_NAMES, world.names, world.rooms, world.devices]


def _anything(rng: Random, world: World) -> Any:
    """Return a value for a field of any type: part of a real object, if there is one."""
    if world.samples and rng.random() < 0.7:
        sample = msgspec.json.decode(rng.choice(rng.choice([*world.samples.values()])))
        return rng.choice([*sample.values()])
    return rng.choice(({}, [], 1, "x", None, {"a": [1, {"b": None}]}))
