"""The server's name, description and message of the day reach everybody who logs in."""

from pathlib import Path

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.events import ServerAnnounced
from messenger.server.running_state import ask_to_reload, find_state
from tests.running import Talker, running, understanding, until

TOML = """\
name = "Хор"
description = "for its members"
message_of_the_day = "Сегодня репетиции нет"
"""


def test_each_kind_of_client_gets_it_at_login_only(tmp_path: Path) -> None:
    (tmp_path / "messenger.toml").write_text(TOML, "utf-8")
    with running(tmp_path) as server, Talker(server.port) as ours, Talker(server.port) as plain:
        ours.register("ann")
        answer = ours.log_in_fully("ann")
        assert answer["alert"] == "Welcome, ann"
        assert answer["name"] == "Хор"
        assert answer["description"] == "for its members"
        assert answer["message_of_the_day"] == "Сегодня репетиции нет"
        again = ours.ask("presence", user={"account_name": "ann"}, **understanding("d1"))
        assert again["name"] == "Хор"
        assert "message_of_the_day" not in again

        assert plain.guest("bob")["alert"] == "Сегодня репетиции нет"
        assert plain.guest("bob")["alert"] == "OK"
        with Talker(server.port, newline=False) as old:
            assert old.log_in("ann")["alert"] == "Сегодня репетиции нет"


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server, Talker(server.port) as talker:
        answer = talker.guest_fully("ann")

    assert {"name", "description", "message_of_the_day"}.isdisjoint(answer)


def test_a_client_reports_it_and_a_new_one_needs_no_restart(tmp_path: Path) -> None:
    toml = tmp_path / "messenger.toml"
    told: list[object] = []
    with running(tmp_path) as server:
        for text in ("one", "two"):
            toml.write_text(f'message_of_the_day = "{text}"\n')
            state = find_state(tmp_path)
            assert state is not None
            assert ask_to_reload(tmp_path, state) is not None
            client = Client("127.0.0.1", server.port, Credentials("Ёж"), Store())
            client.on(ServerAnnounced)(told.append)
            client.start()
            assert client.wait_until_online(60)
            until(lambda: told)
            client.close()
            assert told == [ServerAnnounced(text)]
            told.clear()
