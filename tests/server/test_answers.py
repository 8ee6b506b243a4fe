"""Answers are in the client's language: refusals, confirmations and failures."""

from collections.abc import Callable

from tests.running import RunningServer, Talker
from tests.server.refusing import refuse_inserts

Servers = Callable[..., RunningServer]
Names = Callable[[str], str]


def russian(server: RunningServer, name: str) -> Talker:
    talker = Talker(server.port)
    talker.send("presence", jim=2, lang="ru", user={"account_name": name})
    talker.receive()
    return talker


def test_confirmations_are_in_the_clients_language(server: RunningServer, name: Names) -> None:
    room = name("#Кухня")
    with russian(server, name("Иван")) as ivan:
        assert ivan.ask("join", room=room)["alert"] == f"Вы в {room}"
        assert ivan.ask("topic", room=room, topic="🍲")["alert"] == "Тема задана"
        assert ivan.ask("leave", room=room)["alert"] == f"Вы вышли из комнаты {room}"


def test_refusals_are_in_the_clients_language(server: RunningServer, name: Names) -> None:
    with russian(server, name("Иван")) as ivan:
        answer = ivan.ask("msg", to="#нет такой", message="есть кто?")

    assert answer["response"] == 404
    assert answer["error"].startswith("Вас нет в комнате")


def test_a_plain_client_is_answered_in_english(server: RunningServer, name: Names) -> None:
    room = name("#a/b%41")
    with Talker(server.port) as ann:
        ann.guest(name("名前"))

        assert ann.ask("join", room=room)["alert"] == f"You are in {room}"


def test_database_failures_are_reported_in_the_clients_language(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with russian(server, "Иван") as ivan, Talker(server.port) as ann:
        ann.guest("名 前")
        refuse_rows(server, "messages")
        not_stored = ivan.ask("msg", to="#all", message="слышно?")
        refuse_rows(server, "contacts")
        failed = ivan.ask("add_contact", user_id="名 前")

    assert (not_stored["response"], failed["response"]) == (500, 500)
    assert not_stored["error"].startswith("Сообщение не удалось сохранить")
    assert failed["error"].startswith("Внутренняя ошибка сервера")
    assert "Handling a request failed" in server.log()


def refuse_rows(server: RunningServer, table: str) -> None:
    """Make the database itself refuse new rows of a table from now on."""
    engine = server.open_database()
    with engine.begin() as connection:
        refuse_inserts(connection, table)
    engine.dispose()
