"""`messenger db copy` as an operator uses it, with servers before and after it."""

import os
import pty
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.backoff import Backoff
from messenger.server.database_copy.copying import copy_database
from tests.forking import Python
from tests.postgresql import Postgresql, use_database
from tests.running import PASSWORD, RunningServer, Talker, running, until
from tests.server.full_database import fill, rows_of
from tests.server.test_keys import DeviceTalker

Copy = Callable[..., tuple[int, str, str]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    fill(tmp_path / "from.db")
    return tmp_path / "from.db"


@pytest.fixture
def copy(capsys: pytest.CaptureFixture[str]) -> Copy:
    """Copy a database: the exit code, and what stands on standard output and error."""

    def order(*places: str | Path) -> tuple[int, str, str]:
        return main(["db", "copy", *map(str, places)]), *capsys.readouterr()

    return order


def test_clients_go_on_after_a_move_and_back(
    tmp_path: Path, postgresql: Postgresql, copy: Copy
) -> None:
    url = postgresql.empty_database()
    with running(tmp_path / "data", "--limits", "off") as server:
        tokens = _talk_first(server)
        server.stop()
        assert copy(server.data, url)[0] == 0
        use_database(server.data, url)
        server.start()
        first = _go_on(server, tokens, last=3)
        server.stop()

        back = tmp_path / "back"
        assert copy(url, back)[0] == 0
        for file in ("key.pem", "certificate.pem"):
            shutil.copy(server.data / file, back / file)
        server.data = back
        server.start()
        assert _go_on(server, tokens, last=4) != first  # no key is given away twice


def test_our_clients_write_on_while_the_server_is_moved(
    tmp_path: Path, postgresql: Postgresql, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their encrypted messages wait for the server, and arrive once, in order."""
    monkeypatch.setattr(Backoff, "pause", lambda self, least=0.0: 0.02)
    url, heard, sent = postgresql.empty_database(), [], []
    with running(tmp_path / "data", "--limits", "off") as server:
        clients = [
            Client("127.0.0.1", server.port, Credentials(name, PASSWORD, register=True), Store())
            for name in ("анна", "bob")
        ]
        ann, bob = clients
        bob.on(MessageReceived)(lambda event: heard.append(event.message.text))
        for client in clients:
            client.start()
            assert client.wait_until_online(60)

        def write(text: str) -> None:
            for number in range(5):
                sent.append(f"{text} {number}")
                ann.send_text("bob", sent[-1])

        write("before")
        for source, target in ((server.data, url), (url, tmp_path / "back.db")):
            server.stop()
            write("while it is copied")
            assert copy(source, target)[0] == 0
            use = target if target == url else _url_of(tmp_path / "back.db")
            (server.data / "messenger.toml").unlink(missing_ok=True)
            use_database(server.data, str(use))
            server.start()
            write("after")
            until(lambda: len(heard) == len(sent))
        for client in clients:
            client.close()
    assert heard == sent
    found = rows_of(tmp_path / "back.db")
    assert len(found["messages"]) == len(sent)
    assert "before" not in str(found), "it was not encrypted"


def test_a_script_gets_one_line(source: Path, tmp_path: Path, copy: Copy) -> None:
    code, out, err = copy(source, tmp_path / "to")

    assert (code, err) == (0, "")
    assert out.startswith(f"{sum(map(len, rows_of(source).values()))} rows were copied")
    assert (tmp_path / "to" / "messenger.db").stat().st_mode & 0o777 == 0o600


def test_a_terminal_shows_how_far_it_is(source: Path, tmp_path: Path) -> None:
    end, its_end = pty.openpty()
    words = ("-m", "messenger", "db", "copy", str(source), str(tmp_path / "to.db"))
    process = Python(*words, stderr=its_end)
    os.close(its_end)

    shown = _read_all(end)
    assert process.wait(60) == 0
    assert "Copying" in shown
    assert "█ 100 %" in shown
    assert shown.endswith("\r\n")


@pytest.mark.parametrize("is_target", [False, True])
def test_a_database_that_a_server_uses_is_refused(
    source: Path, tmp_path: Path, postgresql: Postgresql, copy: Copy, *, is_target: bool
) -> None:
    url, data, elsewhere = postgresql.empty_database(), tmp_path / "a", tmp_path / "b"
    use_database(data, url)
    file = tmp_path / "elsewhere.db"
    use_database(elsewhere, _url_of(file))
    with running(data), running(elsewhere), running(tmp_path / "c"):
        for used in (url, file, tmp_path / "c", tmp_path / "c" / "messenger.db"):
            other = source if is_target else tmp_path / "new.db"
            places = (other, used) if is_target else (used, other)
            code, out, err = copy(*places)

            assert (code, out, len(err.splitlines())) == (2, "", 1)
            assert "stop" in err


def test_a_second_server_on_the_same_database_is_refused(
    tmp_path: Path, postgresql: Postgresql
) -> None:
    url = postgresql.empty_database()
    for name in ("first", "second"):
        use_database(tmp_path / name, url)
    with running(tmp_path / "first") as first:
        with pytest.raises(AssertionError, match="used by a server"):
            RunningServer(tmp_path / "second")
        first.kill()
        with running(tmp_path / "second"):
            pass


# A server waits 5 s for the lock of a file: once is enough.
@pytest.mark.parametrize(
    ("kind", "is_target"),
    [(kind, end) for kind in ("directory", "postgresql") for end in (False, True)]
    + [("file", False)],
)
def test_no_server_starts_during_a_copy(
    source: Path, tmp_path: Path, postgresql: Postgresql, kind: str, is_target: bool
) -> None:
    data, place = tmp_path / "data", str(tmp_path / "data")
    if kind != "directory":
        place = postgresql.empty_database() if kind == "postgresql" else str(tmp_path / "a.db")
        use_database(data, place if kind == "postgresql" else _url_of(Path(place)))
    if not is_target:
        copy_database(str(source), place, lambda _progress: None)
    places = (str(source), place) if is_target else (place, str(tmp_path / "new.db"))
    with Python("-c", _COPY, *places) as process:
        assert process.stdout is not None
        process.stdout.readline()

        with pytest.raises(AssertionError, match="stop"):
            RunningServer(data)
        process.kill()


def test_a_copy_that_is_interrupted_by_the_user_continues(
    source: Path, tmp_path: Path, copy: Copy
) -> None:
    with Python("-c", _COPY, str(source), str(tmp_path / "to.db")) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)

    assert copy(source, tmp_path / "to.db")[0] == 0
    assert rows_of(tmp_path / "to.db") == rows_of(source)


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        (("nowhere.db", "new.db"), "There is no database"),
        (("same.db", "same.db"), "different databases"),
        (("mysql://host/name", "new.db"), "postgresql://user@host/name"),
        (("", "new.db"), "postgresql://user@host/name"),  # "$UNSET"
        (("postgresql://127.0.0.1:1/x", "new.db"), "does not answer"),
        (("full.db", "postgresql:x"), "must be the URL"),
        (("garbage.db", "new.db"), "is damaged"),
        (("empty.db", "new.db"), "holds no data"),
        (("full.db", "garbage.db"), "is damaged"),
        (("full.db", "garbage.db/under"), "cannot be used"),
    ],
)
def test_what_cannot_be_copied_is_one_sentence(
    tmp_path: Path,
    copy: Copy,
    monkeypatch: pytest.MonkeyPatch,
    places: tuple[str, str],
    reason: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "full.db")
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    (tmp_path / "empty.db").touch()

    code, out, err = copy(*places)

    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert reason in err
    assert not (tmp_path / "nowhere.db").exists()


_COPY = """
import sys, time
from messenger.sdk import Client, Credentials, MessageReceived, Store
from messenger.sdk.backoff import Backoff
from messenger.server.database_copy.copying import copy_database

def wait(progress):
    print(flush=True)
    time.sleep(600)

copy_database(sys.argv[1], sys.argv[2], wait)
"""
"""Copies, and stands still after its first step until it is killed."""


def _url_of(file: Path) -> str:
    return f"sqlite:///{file}".replace("%", "%25").replace("?", "%3F")


def _read_all(terminal: int) -> str:
    """Return what is shown until the program closes the terminal."""
    shown = b""
    with suppress(OSError):  # EIO: the other end is closed
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    return shown.decode()


def _talk_first(server: RunningServer) -> dict[str, str]:
    """Have two people write; return their tokens."""
    with DeviceTalker(server.port, "анна") as ann, DeviceTalker(server.port, "bob") as bob:
        for text in ("1", "2", "3"):
            assert ann.ask("msg", to="bob", message=text, id=f"id{text}")["response"] == 200
        bob.ask("receipt", conversation="анна", read=2)
        bob.publish_one_time(3)
    with DeviceTalker(server.port, "анна", is_new=False) as ann:
        to_device = {"account_name": "bob", "device": "D1", "message": "letter"}
        assert ann.ask("to_device", messages=[to_device])["response"] == 200
    tokens = {}
    for name in ("анна", "bob"):
        with Talker(server.port) as link:
            tokens[name] = link.log_in_fully(name, device="D1")["token"]
    return tokens


def _go_on(server: RunningServer, tokens: dict[str, str], last: int) -> str:
    """Have the same two go on: numbers, receipts, ids and letters are as they were.

    Return a one-time key that was claimed.
    """
    with Talker(server.port) as ann, Talker(server.port) as bob:
        for link, name in ((ann, "анна"), (bob, "bob")):
            assert link.log_in_fully(name, device="D1", token=tokens[name])["response"] == 200
        found = bob.ask("conversations")["conversations"]
        (direct,) = [one for one in found if one["conversation"] == "анна"]
        assert (direct["last"], direct["read"]) == (last, 2)
        found = bob.ask("history", conversation="анна", after=0)["messages"]
        assert [one["seq"] for one in found] == list(range(1, last + 1))
        assert [one["message"] for one in bob.ask("inbox")["to_device"]] == ["letter"]
        assert ann.ask("msg", to="bob", message="2", id="id2")["seq"] == 2
        assert ann.ask("msg", to="bob", message="next", id=f"id{last + 1}")["seq"] == last + 1
        answer = ann.ask("claim", devices=[{"account_name": "bob", "device": "D1"}])
        return str(answer["keys"])
