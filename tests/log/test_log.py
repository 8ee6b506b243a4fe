"""The log: its lines, its files, and what `@log` records of calls (R08-R12)."""

import asyncio
import importlib
import logging
import os
import re
from collections.abc import Iterator
from logging.handlers import BaseRotatingHandler, TimedRotatingFileHandler
from pathlib import Path

import pytest
from msgspec import Struct

from messenger.jim.accounts import Password, Register
from messenger.jim.messages import SendMessage
from messenger.jim.session import Authenticate, User
from messenger.log import client_log_config, log, server_log_config
from tests.running import PASSWORD, RunningServer, Talker, running

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) \w+ .+")


@pytest.fixture(autouse=True)
def closed_logs() -> Iterator[None]:
    """Close the files, and reset the levels."""
    yield
    for logger in (server_log_config.LOGGER, client_log_config.LOGGER):
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(logging.INFO)
    importlib.import_module("messenger.log.decorator").log_calls(server_log_config.LOGGER)


def lines(directory: Path, side: str) -> list[str]:
    return (directory / f"{side}.log").read_text("utf-8").splitlines()


@log
def func_z(number: int, password: str = "", text: str = "") -> int:
    """Return the next number."""
    return number + 1


@pytest.mark.parametrize(
    ("config", "side"), [(server_log_config, "server"), (client_log_config, "client")]
)
def test_r08_each_side_has_a_logger_of_its_own(tmp_path: Path, config: object, side: str) -> None:
    config.configure(tmp_path, "INFO")  # type: ignore[attr-defined]  # both modules have it

    assert config.LOGGER.name == f"messenger.{side}"  # type: ignore[attr-defined]  # as above
    logging.getLogger(f"messenger.{side}").info("hello")

    assert lines(tmp_path, side)[-1].endswith("hello")


def test_r09_a_line_has_time_level_module_and_message(tmp_path: Path) -> None:
    server_log_config.configure(tmp_path, "INFO")
    server_log_config.LOGGER.warning("something")

    line = lines(tmp_path, "server")[0]

    assert LINE.fullmatch(line)
    assert line.endswith(" WARNING test_log something")


def test_r09_the_servers_file_rotates_daily(tmp_path: Path) -> None:
    server_log_config.configure(tmp_path, "INFO", keep_days=5)

    (handler,) = server_log_config.LOGGER.handlers
    assert isinstance(handler, TimedRotatingFileHandler)
    assert (handler.when, handler.backupCount) == ("MIDNIGHT", 5)


def test_r11_r12_a_call_is_recorded_with_arguments_and_caller(tmp_path: Path) -> None:
    server_log_config.configure(tmp_path, "DEBUG")

    def main() -> int:
        return func_z(41)

    assert main() == 42
    called, caller = lines(tmp_path, "server")
    assert called.endswith(" DEBUG test_log func_z(number=41, password='', text='')") or (
        "func_z(number=41" in called
    )
    assert caller.endswith("Функция func_z() вызвана из функции main")
    assert LINE.fullmatch(called)
    assert LINE.fullmatch(caller)


def test_a_method_and_a_coroutine_are_recorded_too(tmp_path: Path) -> None:
    class Clock:
        @log
        def tick(self) -> str:
            return "tick"

        @log
        async def tock(self) -> str:
            return "tock"

    server_log_config.configure(tmp_path, "DEBUG")

    assert (Clock().tick(), asyncio.run(Clock().tock())) == ("tick", "tock")
    logged = "\n".join(lines(tmp_path, "server"))
    assert "Функция tick() вызвана из функции" in logged
    assert "Функция tock() вызвана из функции" in logged


def test_nothing_is_recorded_while_the_level_is_off(tmp_path: Path) -> None:
    server_log_config.configure(tmp_path, "INFO")

    assert func_z(1) == 2
    assert lines(tmp_path, "server") == []


def test_secrets_and_texts_are_not_recorded(tmp_path: Path) -> None:
    @log
    def handle(session: object, request: object, data: bytes) -> None:
        """Accept what a handler accepts."""

    server_log_config.configure(tmp_path, "DEBUG")
    func_z(1, password="hunter2", text="a secret text")
    user = User("ann", password="hunter2", token="tok-tok")
    for request in (
        Authenticate(user=user),
        Register(user=user, invite="inv-inv"),
        Password(old="hunter2", new="hunter3"),
        SendMessage(to="bob", message="a secret text"),
    ):
        handle(object(), request, b"a secret text")

    logged = "\n".join(lines(tmp_path, "server"))
    assert "request=SendMessage(to='bob')" in logged
    for secret in ("hunter", "tok-tok", "inv-inv", "a secret text"):
        assert secret not in logged
    assert "handle(" in logged


def test_a_structure_is_recorded_by_its_own_representation(tmp_path: Path) -> None:
    class Safe(Struct):
        number: int
        combination: str

        def __repr__(self) -> str:
            return f"Safe({self.number})"

    class Room(Struct):
        number: int
        floor: str

    @log
    def open_it(safe: Safe, room: Room) -> None:
        """Accept structures."""

    server_log_config.configure(tmp_path, "DEBUG")
    open_it(Safe(7, "11-22-33"), Room(8, "second"))

    called = lines(tmp_path, "server")[0]
    assert called.endswith(" open_it(safe=Safe(7), room=Room(number=8, floor='second'))")


def test_r10_a_server_at_debug_records_its_functions_and_no_secret(tmp_path: Path) -> None:
    with running(tmp_path, "--log-level", "DEBUG") as server:
        _talk(server)
        server.stop()
        logged = server.log()

    assert "Функция authenticate() вызвана из функции" in logged
    assert "Функция send_message() вызвана из функции" in logged
    assert PASSWORD not in logged
    assert "a secret text" not in logged
    assert all(LINE.fullmatch(line) for line in logged.splitlines())


def _talk(server: RunningServer) -> None:
    with Talker(server.port) as client:
        client.register("ann")
        token = client.log_in_fully("ann")["token"]
        client.ask("msg", to="ann", message="a secret text")
        client.ask("password", old=PASSWORD, new=PASSWORD + "!")
        assert token not in server.log()


@pytest.mark.parametrize(
    ("config", "side"), [(server_log_config, "server"), (client_log_config, "client")]
)
def test_a_log_is_private_whatever_the_umask_and_the_directory(
    tmp_path: Path, config: object, side: str
) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        config.configure(tmp_path, "INFO")  # type: ignore[attr-defined]  # both modules have it
        logger: logging.Logger = config.LOGGER  # type: ignore[attr-defined]  # as above
        logger.info("before")
        handler = logger.handlers[0]
        assert isinstance(handler, BaseRotatingHandler)
        handler.doRollover()  # type: ignore[attr-defined]  # both kinds have it
        logger.info("after")
    finally:
        os.umask(before)

    files = list(tmp_path.glob(f"{side}.log*"))
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_full_disk_is_reported_once_and_stops_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "server.log").symlink_to("/dev/full")
    rights = Path("/dev/full").stat().st_mode
    server_log_config.configure(tmp_path, "INFO")

    for number in range(3):
        server_log_config.LOGGER.info("line %d", number)

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "server.log" in said[0]
    assert Path("/dev/full").stat().st_mode == rights


def test_a_log_escapes_what_is_not_text(tmp_path: Path) -> None:
    server_log_config.configure(tmp_path, "INFO")

    server_log_config.LOGGER.info("%s", "/srv/\udcff")

    assert "/srv/\\udcff" in lines(tmp_path, "server")[-1]
