"""Names on the server: which look alike, and those that are older than the rules."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, insert, text

from messenger.server.store import accounts as account_store
from messenger.server.store import database
from messenger.server.store.schema import accounts
from tests.running import RunningServer, Talker, running

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]

_numbers = itertools.count(1)


@pytest.fixture
def name() -> Names:
    """Make exactly the names that a test gives, with a number that no other test has."""
    number = next(_numbers)
    return lambda start: f"{start}_{number}"


@pytest.mark.parametrize(
    "twin",
    ["Anna", "ＡＮＮＡ", "\u0430nn\u0430", "\ufe0fanna", "a\u034fnna", "аnna", "\u3164", "сорa"],
)
def test_a_name_that_looks_like_a_taken_one_is_refused(
    talker: Talkers, name: Names, twin: str
) -> None:
    link = talker()
    link.register(name("anna"))

    for answer in (link.register(name(twin)), link.guest(name(twin))):
        assert answer["response"] in (400, 409)
        assert answer["error"]


def test_the_refusal_names_the_name_that_it_looks_like(talker: Talkers, name: Names) -> None:
    link = talker()
    link.register(name("Ivan"))

    answer = link.register(name("lvan"))

    assert answer["response"] == 409
    assert name("Ivan") in answer["error"]


def test_a_guest_is_not_taken_for_another_guest(talker: Talkers, name: Names) -> None:
    one, other, third = talker(), talker(), talker()
    assert one.guest(name("Olga"))["response"] == 200

    assert other.guest(name("0LGA"))["response"] == 409
    assert third.register(name("olga"))["response"] == 409

    one.close()
    again = talker()
    while again.register(name("olga"))["response"] != 201:  # once the server has noticed
        pass


def test_a_guest_may_register_the_guests_name(talker: Talkers, name: Names) -> None:
    link = talker()
    link.guest(name("Иван"))

    assert link.register(name("Иван"))["response"] == 201


@pytest.mark.parametrize("reserved", ["you", "Вы", "ME", "server", "я"])
def test_nobody_has_a_name_that_programs_use_for_their_user(talker: Talkers, reserved: str) -> None:
    link = talker()

    assert link.register(reserved)["response"] == 400
    assert link.guest(reserved)["response"] == 400


def test_two_rooms_do_not_look_the_same(talker: Talkers, name: Names) -> None:
    link = talker()
    link.guest(name("ann"))
    room = name("#dev")
    assert link.ask("join", room=room)["response"] == 200

    for twin in (name("#Dev"), name("#ＤＥＶ")):
        answer = link.ask("join", room=twin)
        assert answer["response"] == 409
        assert room in answer["error"]
    assert link.ask("join", room=room + "\ufe0f")["response"] == 400
    assert link.ask("join", room="#ALL")["response"] == 409
    assert link.ask("join", room="#ＡＬＬ")["response"] == 409


def test_the_name_of_a_closed_room_is_free(logged_in: Talkers, name: Names) -> None:
    ann = logged_in(name("ann"))
    ann.ask("join", room=name("#tea"))
    ann.ask("close_room", room=name("#tea"))

    assert ann.ask("join", room=name("#TEA"))["response"] == 200


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ("msg", {"to": "{}", "message": "hi"}),
        ("whois", {"account_name": "{}"}),
        ("add_contact", {"user_id": "{}"}),
        ("history", {"conversation": "{}"}),
    ],
)
def test_a_name_in_another_case_is_answered_with_the_right_one(
    logged_in: Talkers, talker: Talkers, name: Names, action: str, keys: dict[str, str]
) -> None:
    talker().register(name("bob"))
    ann = logged_in(name("ann"))

    answer = ann.ask(action, **{key: said.format(name("Bob")) for key, said in keys.items()})

    assert answer["response"] == 404
    assert f"did you mean {name('bob')}?" in answer["error"]


def test_where_guests_are_off_presence_reveals_no_name(own_server: Servers) -> None:
    server = own_server(toml='guests = "off"')
    with Talker(server.port) as link:
        link.register("ann")

        said = {link.guest(one)["error"] for one in ("ann", "nobody", "you", "Ann")}

    assert len(said) == 1


def test_guest_logins_come_at_a_rate(own_server: Servers) -> None:
    server = own_server(toml="[limits]\nguest_burst = 3")
    with Talker(server.port) as link:
        link.register("ann")

        codes = [link.guest("ann")["response"] for _ in range(4)]

    assert codes == [401, 401, 401, 429]


# --- names that are older than the rules -------------------------------------------------------

OLD = ("ann", "ann\ufe0f", "you", "\u0430nn", "аnn\u3164")


def test_names_older_than_the_rules_go_on_working(tmp_path: Path) -> None:
    """Names that look the same do not stop an upgrade, and their owners log in as ever."""
    with running(tmp_path, "--limits", "off") as server:
        with Talker(server.port) as link:
            link.register("first")
            link.log_in("first")
            link.ask("join", room="#dev")
        server.stop()
        _as_before_names_were_compared(tmp_path)
        server.start()

        for name in OLD:
            with Talker(server.port) as link:
                assert link.log_in(name, "correct horse battery")["response"] == 200
        with Talker(server.port) as link:
            assert link.guest("вы")["response"] == 200  # a guest of that name was here before
            assert link.ask("join", room="#DEV")["response"] == 200  # it was there, too
            assert link.ask("join", room="#dev")["response"] == 200
            assert link.ask("join", room="#dEv")["response"] == 409
            assert link.register("Ann")["response"] == 409


ADDED = ("role", "removed_at", "last_login", "last_address", "messages", "bytes")


def _as_before_names_were_compared(data: Path) -> None:
    engine = database.open_engine(URL.create("sqlite", database=str(data / "messenger.db")), 1)
    with database.writer(engine) as connection, connection.begin():
        verifier = account_store.find(connection, "first")
        assert verifier is not None
        for name in OLD:
            values = {"name": name, "name_key": name, "verifier": verifier.verifier}
            connection.execute(insert(accounts).values(guest=False, created_at=0, **values))
        guest = {"name": "вы", "name_key": "вы", "guest": True, "created_at": 0}
        connection.execute(insert(accounts).values(**guest))
        for statement in (
            "INSERT INTO conversations (room, created_at) VALUES ('#DEV', 0)",
            "DROP TABLE name_looks",
            "DROP TABLE blocks",
            "DROP TABLE reports",
            "DROP TABLE password_resets",
            "ALTER TABLE members DROP COLUMN joined_at",
            "DROP INDEX ix_conversations_unique_id",
            "DROP INDEX ix_to_device_messages_sender",
            "ALTER TABLE to_device_messages DROP COLUMN size",
            "ALTER TABLE to_device_messages RENAME TO letters",
            "ALTER TABLE receipts RENAME TO marks",
            "ALTER TABLE letters RENAME COLUMN device_row TO device_id",
            "ALTER TABLE one_time_keys RENAME COLUMN device_row TO device_id",
            "ALTER TABLE devices RENAME COLUMN public_id TO ident",
            "ALTER TABLE devices RENAME COLUMN last_to_device TO last_letter",
            "ALTER TABLE key_backups RENAME COLUMN encrypted TO sealed",
            "ALTER TABLE messages RENAME COLUMN message_key TO place",
            "DROP INDEX uq_messages_sent_id",
            "CREATE TABLE sent_ids (sender_id, sent_id, place)",
            "ALTER TABLE conversations DROP COLUMN unique_id",
            "DROP TABLE audit",
            "DROP TABLE statistics",
            *(f"ALTER TABLE accounts DROP COLUMN {column}" for column in ADDED),
            "UPDATE alembic_version SET version_num = '0002'",
        ):
            connection.execute(text(statement))
    engine.dispose()
