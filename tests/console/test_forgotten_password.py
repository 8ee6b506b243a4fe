"""A forgotten password at a real terminal: the link of an administrator sets a new one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, RadioButton

from messenger.__main__ import main
from messenger.console.screen.welcome import WelcomeApp
from messenger.sdk import Store
from messenger.sdk.profiles import Profiles
from messenger.ui.first_run import Newcomer
from tests.console.terminal import Terminal
from tests.console.test_welcome import drive, said, until_gone, until_said
from tests.running import PASSWORD, RunningServer, Talker, running
from tests.server.administrators import operator, registered

NEW = "новый пароль"


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


def code_for(server: RunningServer, name: str, capfd: pytest.CaptureFixture[str]) -> str:
    """Return what the administrator's command prints."""
    capfd.readouterr()
    where = ["--data", str(server.data), "--json"]
    assert main(["admin", "accounts", "reset-password", name, *where]) == 0
    return str(json.loads(capfd.readouterr().out)["reset_code"])


def test_whoever_has_forgotten_the_password_is_told_whom_to_ask_and_sets_another(
    one_server: RunningServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    registered(one_server, "Иван")
    place = ["127.0.0.1", str(one_server.port), "-n", "Иван", "--lines"]
    with Terminal(*place, data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("Password of Иван")
        terminal.type("not the one")
        terminal.expect("an administrator can give you a code", "Password of Иван")
        terminal.press("\x03")
        terminal.wait()
    code = code_for(one_server, "Иван", capfd)

    place += ["--reset-code", "AAAA-AAAA-AAAA-AAAA"]
    with Terminal(*place, data=tmp_path, program="-m messenger chat") as terminal:
        terminal.expect("your recovery code there", "New password")
        terminal.type(NEW)
        terminal.expect("Repeat:")
        terminal.type(NEW)
        terminal.expect("wrong, used or expired", "Code from an administrator:")
        terminal.type(code)
        terminal.expect("You are Иван", "#all>")
        assert terminal.leave() == 0


def test_a_device_with_its_data_sets_it_by_the_link_and_saves_it(
    one_server: RunningServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MESSENGER_PASSWORD", PASSWORD)
    chat = ["chat", "--mode", "send", "--data", str(tmp_path)]
    place = ["127.0.0.1", str(one_server.port), "-n", "ann", "--register"]
    assert main([*chat, *place]) == 0
    profile = Profiles(tmp_path).last()
    assert profile is not None
    profile.remember_password(PASSWORD, "file")
    link = operator(one_server, "admin_reset", account_name="ann")["link"]
    monkeypatch.setenv("MESSENGER_PASSWORD", NEW)

    assert main([*chat, link, "-n", "eve"]) == 2
    assert "for ann, not for eve" in capfd.readouterr().err
    assert main([*chat, link]) == 0

    profile = Profiles(tmp_path).last()
    assert profile is not None
    assert profile.password() == NEW
    with Talker(one_server.port) as client:
        client.log_in_fully("ann", NEW, device="other")
        devices = client.ask("own_devices")["devices"]
    assert len([one for one in devices if one.get("has_keys")]) == 1


def test_a_forgotten_password_is_set_by_an_administrators_link(one_server: RunningServer) -> None:
    store = Store()
    ivan = registered(one_server, "Пётр")
    reset = operator(one_server, "admin_reset", account_name=ivan)

    async def work(app: WelcomeApp, pilot: Pilot[Newcomer]) -> None:
        app.query_one("#server", Input).value = reset["link"]
        await pilot.pause()
        assert app.query_one("#forgotten", RadioButton).value
        assert app.query_one("#name", Input).value == "Пётр"
        assert "recovery code" in said(app, "after")
        code = app.query_one("#code", Input)
        assert code.value == reset["reset_code"]
        app.query_one("#password", Input).value = "новый пароль"
        app.query_one("#server", Input).value = f"127.0.0.1:{one_server.port}"
        code.value = "AAAA-AAAA"
        app.query_one("#go", Button).press()
        await until_said(app, pilot, "wrong, used or expired")
        assert app.focused is code
        code.value = reset["reset_code"].lower()
        app.query_one("#go", Button).press()
        await until_gone(app, pilot)

    newcomer = drive(work, store)

    assert newcomer is not None
    assert newcomer.credentials.name == "Пётр"
    with Talker(one_server.port) as link:
        assert link.log_in("Пётр", "новый пароль")["response"] == 200
    store.close()
