"""Any name and path works: profiles, databases, hosts; and errors are reported once."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.sdk.address import BadAddress, check_port, resolvable
from messenger.sdk.backup import back_up, restore
from messenger.sdk.directories import directory_name
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.sdk.invitation import Invitation, parse_server
from messenger.sdk.profiles import Profiles
from tests.running import RunningServer, running

NAMES = ["Иван", "名前", "a/b%41", "Zoë", "a!b", "..", "CON", "two words", "😀", "𠀀" * 25]


@pytest.mark.parametrize("account", NAMES)
@pytest.mark.parametrize("host", ["example.org", "::1", "münchen.example"])
def test_a_profile_of_any_name_keeps_messages_and_is_found_again(
    tmp_path: Path, account: str, host: str
) -> None:
    made = Profiles(tmp_path).of(host, 7777, account)
    made.set_up(host, 7777, account)
    store = made.open_store()
    store.add_unsent("bob", account, "hello", "1", 1.0)
    store.close()
    pipe = made.open_pipe()
    made.close_pipe(pipe)
    made.release()

    name = f"{account}@{host}_7777"
    assert (made.directory / "messages.db").stat().st_size
    assert len(made.directory.name.encode()) < 128
    for again in (
        Profiles(tmp_path).last(host, 7777, account),
        Profiles(tmp_path).of(host, 7777, account),
        Profiles(tmp_path).named(name),
    ):
        assert again is not None
        assert again.name == name
        assert again.directory == made.directory
        assert again.open_store().count_unsent() == 1


@given(st.text(), st.text())
def test_two_names_never_share_a_directory(one: str, other: str) -> None:
    names = directory_name(one), directory_name(other)

    assert (names[0].casefold() == names[1].casefold()) == (one == other)
    assert all(name.isascii() and len(name) <= 100 and name not in (".", "..") for name in names)


@given(st.sampled_from(["ann@example.org_7777", "a b", "x"]), st.booleans())
def test_a_plain_name_is_the_name_of_the_directory(name: str, shout: bool) -> None:
    assert (directory_name(name.upper() if shout else name) == name) is not shout


@pytest.mark.parametrize("account", ["Иван", "Ann", "a!b"])
def test_a_directory_of_an_earlier_version_goes_on_being_used(tmp_path: Path, account: str) -> None:
    name = f"{account}@example.org_7777"
    earlier = tmp_path / "profiles" / quote(name, safe="@ ")
    earlier.mkdir(parents=True)
    record = f'{{"address": "example.org", "port": 7777, "account": "{account}"}}'
    (earlier / "profile.json").write_text(record, "utf-8")

    for found in (Profiles(tmp_path).named(name), Profiles(tmp_path).last()):
        assert found is not None
        assert found.directory == earlier
        assert found.name == name


@pytest.mark.parametrize("folder", ["what?", "%41", "#1", "a&b=c", "имя", "file:x", "a b", "'\""])
def test_a_database_is_where_it_is_said_to_be(tmp_path: Path, folder: str) -> None:
    store = Store(tmp_path / folder / "messages.db")
    store.put("word", "kept")
    store.close()

    assert sorted(file.name for file in tmp_path.iterdir()) == [folder]
    assert Store(tmp_path / folder / "messages.db").get("word") == "kept"


def test_a_backup_may_be_called_anything(tmp_path: Path) -> None:
    store = Store(tmp_path / "ann.db")
    store.put("word", "kept")
    file = tmp_path / "копия?mode=memory%41"
    back_up(store, file, "open sesame", lambda _done, _all: None)

    other = Store(tmp_path / "other.db")
    restore(file, "open sesame", other, lambda _done, _all: None)
    assert other.get("word") == "kept"


# --- hosts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("ПРИВЕТ.example", "xn--b1agh1afp.example"),
        ("my_host", "my_host"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("localhost.", "localhost."),
    ],
)
def test_a_host_is_asked_for_as_dns_knows_it(host: str, asked: str) -> None:
    assert resolvable(host) == asked


HOPELESS = ["a..b", "example..com", "x" * 64 + ".org", "a b", "", "é" * 80, "a." * 200, "a\0b"]


@pytest.mark.parametrize("host", HOPELESS)
def test_what_cannot_be_a_host_is_refused_once(host: str) -> None:
    """Not retried for ever, with a sentence; the client can be closed, and its threads live."""
    with pytest.raises(BadAddress):
        resolvable(host)
    client = Client(host, 7777, Credentials("Иван"), encryption="plain")
    client.start()
    with pytest.raises(BadAddress, match="not a valid host name"):
        client.wait_until_online(60)
    client.close()

    async def refused() -> None:
        async with AsyncClient(host, 7777, Credentials("Иван"), encryption="plain") as other:
            with pytest.raises(BadAddress, match="not a valid host name"):
                await asyncio.wait_for(other.wait_until_online(), 60)

    asyncio.run(refused())


@pytest.mark.parametrize("port", [-5, 0, 99999])
def test_a_port_that_there_is_not_is_refused_once(port: int) -> None:
    with pytest.raises(BadAddress):
        check_port(port)
    client = Client("127.0.0.1", port, Credentials("Иван"))
    client.start()
    with pytest.raises(BadAddress, match="1 to 65535"):
        client.wait_until_online(60)
    client.close()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("münchen.example:7000", ("münchen.example", 7000)),
        ("::1 7000", ("::1", 7000)),
        ("[fe80::1%eth0]:7000", ("fe80::1%eth0", 7000)),
        ("fe80::1%eth0", ("fe80::1%eth0", 7777)),
        ("[::1]", ("::1", 7777)),
        ("Example.org", ("example.org", 7777)),
    ],
)
def test_a_server_is_found_however_its_address_is_typed(text: str, meant: tuple[str, int]) -> None:
    assert parse_server(text) == Invitation(*meant, "")


@pytest.mark.parametrize(
    "text", ["a..b", "host:0", "host:-1", "host 99999", "[x:1", "1:2:", "host:7_7", "host ٧"]
)
def test_a_server_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_server(text)


# --- the client's threads -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


def test_an_error_that_nobody_has_thought_of_is_a_connection_that_broke(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's database is closed: every use of it raises some exception."""
    client = Client("127.0.0.1", server.port, Credentials("Иван"))
    offline, states = threading.Event(), []

    @client.on(StateChanged)
    def note(event: StateChanged) -> None:
        states.append(event.state)
        if event.state is ConnectionState.OFFLINE and event.retry_at:
            offline.set()

    client.start()
    assert client.wait_until_online(60)
    client.store.close()
    client._break()

    assert offline.wait(60)
    assert all(thread.is_alive() for thread in client._threads)
    client.close()
    assert not any(thread.is_alive() for thread in client._threads)


def silent_server() -> socket.socket:
    """Return a server that accepts connections and never sends a byte."""
    return socket.create_server(("127.0.0.1", 0))


@pytest.mark.parametrize("encryption", ["plain", "tls"])
def test_a_client_of_a_silent_server_ends_at_once(encryption: str) -> None:
    with silent_server() as listening:
        port = listening.getsockname()[1]
        client = Client("127.0.0.1", port, Credentials("Иван"), encryption=encryption)  # type: ignore[arg-type]
        client.start()
        connection, _address = listening.accept()
        assert connection.recv(1)
        client.close()

        assert not any(thread.is_alive() for thread in client._threads)
        connection.close()


def test_a_client_that_is_still_connecting_ends_at_once() -> None:
    """The kernel's backlog is full: further connections wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        port = listening.getsockname()[1]
        waiting = []
        for _ in range(8):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))
        client = Client("127.0.0.1", port, Credentials("Иван"))
        client.start()
        while client._connecting is None:
            client._again.wait(0.01)
        client.close()

        assert not any(thread.is_alive() for thread in client._threads)
        for one in waiting:
            one.close()


def test_a_silent_or_missing_server_ends_no_asynchronous_client_late() -> None:
    async def end(port: int) -> None:
        client = AsyncClient("127.0.0.1", port, Credentials("Иван"), encryption="tls")
        async with client:
            await asyncio.sleep(0)

    with silent_server() as listening:
        asyncio.run(asyncio.wait_for(end(listening.getsockname()[1]), 5))


def test_a_path_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="cannot be"):
        Profiles(tmp_path / "file").of("example.org", 7777, "Иван").set_up("x", 1, "Иван")
