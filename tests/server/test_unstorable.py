"""What a database cannot store is refused to its sender alone; everybody else's is stored."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import msgspec
import pytest
from msgspec import inspect
from sqlalchemy import Engine
from sqlalchemy.exc import DataError

from messenger.jim.accounts import Logout, Register
from messenger.jim.codec import AnyRequest
from messenger.jim.session import Authenticate, Presence, Quit, Scram
from messenger.server.journal import Journal
from messenger.server.store import accounts
from tests.running import PASSWORD, RunningServer, Talker
from tests.server.refusing import refuse_data
from tests.server.test_keys import DeviceTalker

Names = Callable[[str], str]
Servers = Callable[..., RunningServer]

_REQUESTS = get_args(AnyRequest)
_LOGINS = (Authenticate, Scram, Register, Presence, Logout, Quit)
_TEXTS = {
    "account_name": "Дарья", "user_id": "Дарья", "device": "D1", "password": PASSWORD, "to": "#all",
    "conversation": "#all", "room": "#dasha",
}  # fmt: skip
_OPTIONAL = ("account_name", "password", "jim")
"""Sent always, so that greetings are those of a client with a device, and log in."""

_NUMBERS = (-1, 2**31, 2**32, 2**40, 2**53 - 1, 2**53, 2**63, 2**64, 10**30, -(2**63) - 1)
_LONG = ("x" * 65, "я" * 250, "🦄" * 300)


class Odd(NamedTuple):
    """A value that a database may not be able to store, and whether it has to be refused."""

    value: Any
    refused: bool = False


def usual(type: inspect.Type, name: str = "") -> Any:
    """Return a value of the type for a field of this name."""
    match type:
        case inspect.StructType():
            tag = {type.tag_field: type.tag} if type.tag_field else {}
            return tag | {
                field.encode_name: usual(field.type, field.encode_name)
                for field in type.fields
                if field.required or field.encode_name in _OPTIONAL
            }
        case inspect.UnionType():
            return usual(next(one for one in type.types if one != inspect.NoneType()), name)
        case inspect.StrType():
            return _TEXTS.get(name, "x")
        case inspect.IntType():
            return 2
        case inspect.ListType():
            return []
    return {}


def odd(type: inspect.Type, name: str = "") -> Iterator[Odd]:
    """Return values of the type of which one text or number is odd."""
    match type:
        case inspect.StructType():
            for field in type.fields:
                for one in odd(field.type, field.encode_name):
                    yield one._replace(value=usual(type) | {field.encode_name: one.value})
        case inspect.UnionType():
            for inner in type.types:
                yield from odd(inner, name)
        case inspect.ListType():
            yield from (one._replace(value=[one.value]) for one in odd(type.item_type))
        case inspect.DictType():
            for one in odd(type.key_type):
                yield one._replace(value={one.value: usual(type.value_type)})
            for one in odd(type.value_type):
                yield one._replace(value={"x": one.value})
        case _:
            yield from simple(type, name)


def simple(type: inspect.Type, name: str) -> Iterator[Odd]:
    """Return odd texts, numbers, or JSON of any kind."""
    match type:
        case inspect.StrType():
            yield from (Odd("\0", refused=True), Odd(f"{usual(type, name)}\0", refused=True))
            yield from map(Odd, _LONG)
        case inspect.IntType():
            yield from map(Odd, _NUMBERS)
        case inspect.AnyType():
            yield from (Odd("\0", refused=True), Odd({"\0": 2**64}, refused=True))
        case inspect.RawType():
            yield Odd({"\0": "\0"})  # stored as the JSON that it is


def odd_requests(request: Any) -> Iterator[Odd]:
    """Return requests of this kind, each with one odd text or number."""
    for one in odd(inspect.type_info(request)):
        changed = {
            field.encode_name
            for field in msgspec.structs.fields(request)
            if field.name not in request.nul_allowed
            and one.value.get(field.encode_name) is not None
        }
        has_nul = "\\u0000" in json.dumps({name: one.value[name] for name in changed})
        is_long = len(str(one.value.get("id", ""))) > 64
        yield Odd(one.value, refused=is_long or (one.refused and has_nul))


@pytest.mark.parametrize("request_type", _REQUESTS, ids=lambda one: one.__struct_config__.tag)
def test_no_text_or_number_harms_what_others_write_at_the_same_time(
    server: RunningServer, name: Names, request_type: Any
) -> None:
    port = server.port
    stored: dict[int, str] = {}
    with Talker(port) as darya, DeviceTalker(port, name("eve")) as eve:
        darya.register_quickly("Дарья")
        darya.log_in_fully("Дарья")
        eve.ask("join", room="#dasha")
        for number, one in enumerate(odd_requests(request_type)):
            darya.send("msg", to="#all", message=str(number))
            code = answered(server, eve, request_type, one.value)
            while "seq" not in (answer := darya.receive()) or "response" not in answer:
                assert answer.get("response", 200) == 200
            stored[answer["seq"]] = str(number)

            assert code != 500, one.value
            assert code == 400 or not one.refused, one.value
        assert texts(darya, min(stored)).items() >= stored.items()
        eve.ask("leave", room="#dasha")  # closes it: the next one creates it
    assert "Traceback" not in server.log()


def answered(server: RunningServer, eve: Talker, kind: Any, request: dict[str, Any]) -> int:
    """Send a request, on a connection of its own if it begins or ends a login; return the code."""
    with contextlib.ExitStack() as stack:
        link = eve
        if kind in _LOGINS:
            link = stack.enter_context(Talker(server.port))
            if kind is Logout:
                link.guest(f"{eve.name[:20]} too")
        link.send_raw(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        try:
            while "response" not in (answer := link.receive()):
                pass
        except EOFError:  # after `quit`
            return 0
        return int(answer["response"])


def texts(link: Talker, first: int) -> dict[int, str]:
    """Return the messages of the common chat from this number, by their numbers."""
    found: dict[int, str] = {}
    while page := link.ask("history", conversation="#all", after=first - 1).get("messages"):
        found |= {one["seq"]: one["message"] for one in page}
        first = page[-1]["seq"] + 1
    return found


def test_every_kind_of_value_is_tried() -> None:
    tried = [one for request in _REQUESTS for one in odd_requests(request)]

    assert sum(one.refused for one in tried) > 150
    assert len(tried) > 800


# --- a database that does not accept something all the same -------------------------------------


def test_what_a_database_does_not_accept_is_refused_to_its_sender_alone(
    own_server: Servers,
) -> None:
    """Its sender is not told to try again: it would be refused again."""
    server = own_server("--limits", "off")
    engine = server.open_database()
    with engine.begin() as connection:
        refuse_data(connection, "messages", "NEW.sent_id = 'unstorable'")
        refuse_data(connection, "conversations", "NEW.room = '#unstorable'")
    engine.dispose()
    with Talker(server.port) as ann, Talker(server.port) as bob:
        for link, who in ((ann, "ann"), (bob, "bob")):
            link.register_quickly(who)
            link.log_in_fully(who)
        written = ["1", "unstorable", "2", "3"]
        frames = [{"action": "msg", "to": "#all", "message": one, "id": one} for one in written]
        bob.send("msg", to="#all", message="bob's")
        ann.send_raw(b"".join(json.dumps(one).encode() + b"\n" for one in frames))
        answers = {}
        while len(answers) < len(written):
            if "response" in (answer := ann.receive()):
                answers[answer["id"]] = answer["response"]
        assert bob.event("msg")["message"] == "1"
        joined = ann.ask("join", room="#unstorable")

        assert answers == {"1": 200, "unstorable": 400, "2": 200, "3": 200}
        assert joined["response"] == 400
        assert "again" not in joined["error"]
        found = texts(ann, 1)
        assert list(found) == [1, 2, 3, 4]
        assert [one for one in found.values() if one != "bob's"] == ["1", "2", "3"]
        assert ann.ask("join", room="#fine")["response"] == 200
    assert "Traceback" not in server.log()


def test_a_change_that_a_database_does_not_accept_fails_alone(
    new_engine: Callable[[], Engine],
) -> None:
    engine = new_engine()
    with engine.begin() as connection:
        refuse_data(connection, "accounts", "NEW.name = 'eve'")

    async def change() -> list[Any]:
        journal = Journal(engine, asyncio.get_running_loop())
        changes = (
            journal.write(accounts.create, "ann", "verifier"),
            journal.write(accounts.create, "eve", "verifier"),
            journal.write(accounts.create, "bob", "verifier"),
        )
        done = await asyncio.gather(*changes, return_exceptions=True)
        await journal.close()
        return done

    ann, refused, bob = asyncio.run(change())

    assert isinstance(refused, DataError)
    with engine.connect() as connection:
        assert [row.name for row in accounts.by_ids(connection, [ann, bob])] == ["ann", "bob"]
    engine.dispose()
