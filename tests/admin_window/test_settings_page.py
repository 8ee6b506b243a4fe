"""The page of settings, on a real server: what is written, tested, saved, and refused."""

from collections.abc import Callable, Iterator

import pytest

from messenger.admin_window.requests import Requests
from messenger.admin_window.settings.sections import SECTIONS
from messenger.sdk.administration import at_server
from tests.admin_window.using import NoServerKnown, User
from tests.running import PASSWORD, RunningServer
from tests.server.administrators import administrator

Show = Callable[[str], User]


@pytest.fixture
def settings(window: Show) -> User:
    """Somebody who looks at the settings."""
    user = window("settings")
    user.qtbot.waitUntil(lambda: bool(user.page.is_drawn))
    return user


def choose(user: User, section: str) -> None:
    user.page.list.setCurrentRow(list(SECTIONS).index(section))
    user.qtbot.waitUntil(lambda: bool(user.page.is_drawn))
    user.settle()


def test_every_setting_is_in_a_section(settings: User) -> None:
    for section in SECTIONS:
        choose(settings, section)
    page = settings.page
    shown = {name for form in page.forms.values() for name in form.rows}
    assert shown == {one.name for one in page._found.settings}


def test_a_change_is_asked_for_saved_and_in_effect(settings: User, server: RunningServer) -> None:
    page = settings.page
    assert not page.bar.isVisible()
    page.forms["identity"].rows["message_of_the_day"].field.setText("Добро пожаловать")
    assert "message_of_the_day" in settings.read(page.bar)
    choose(settings, "log")
    page.forms["log"].rows["log_days"].field.setText("9")
    page.bar.save.click()
    asked = settings.asked()
    assert "message_of_the_day: – → Добро пожаловать" in asked
    assert "Restart the server for: log_days" in asked
    settings.answer(yes=True)
    settings.qtbot.waitUntil(lambda: "The settings are saved." in page.told())
    assert "In effect now: message_of_the_day" in page.told()
    settings.settle()
    assert not page.bar.isVisible()
    assert "Restart the server for: log_days" in settings.read()
    assert 'message_of_the_day = "Добро пожаловать"' in (server.data / "messenger.toml").read_text(
        "utf-8"
    )


def test_what_a_start_would_refuse_is_not_saved_and_stays_to_be_mended(
    settings: User, server: RunningServer
) -> None:
    page = settings.page
    choose(settings, "backups")
    field = page.forms["backups"].rows["backup_keep"].field
    field.setText("many")
    page.bar.save.click()
    settings.answer(yes=True)
    settings.qtbot.waitUntil(lambda: "backup_keep" in settings.read(page.bar))
    assert "whole number" in settings.read(page.bar)
    settings.window.refresh()
    settings.settle()
    assert field.text() == "many"
    file = server.data / "messenger.toml"
    assert not file.exists() or "backup_keep" not in file.read_text("utf-8")
    page.bar.discard.click()
    assert field.text() != "many"
    assert not page.bar.isVisible()


def test_the_certificate_is_shown_and_renewed(settings: User, server: RunningServer) -> None:
    page = settings.page
    sheet = page.certificate
    file = server.data / "certificate.pem"
    old = file.read_bytes()
    settings.qtbot.waitUntil(lambda: sheet._shown is not None)
    before = sheet._shown
    assert "the server itself" in settings.read(sheet)
    sheet.renew.click()
    assert "with the same key" in settings.asked()
    settings.answer(yes=True)
    settings.qtbot.waitUntil(lambda: sheet._shown is not before and file.read_bytes() != old)
    # Both may have been made in the same second.
    assert sheet._shown.not_after >= before.not_after
    assert sheet._shown.fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("url", "words"), [("postgresql://nobody@127.0.0.1:1/none", "127.0.0.1"), ("", "can be read")]
)
def test_a_database_is_tested(settings: User, url: str, words: str) -> None:
    choose(settings, "database")
    page = settings.page
    page.forms["database"].rows["database"].field.setText(url)
    page.test.test.click()
    settings.qtbot.waitUntil(lambda: words in settings.read(page.test))
    assert page.test.findings
    page.bar.discard.click()


@pytest.fixture
def away(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    """The crossing to the server from far away."""
    administrator(server, "Ада").close()
    made = Requests(
        lambda: at_server("127.0.0.1", server.port, "Ада", PASSWORD, NoServerKnown()),
        is_local=False,
    )
    yield made
    made.close()


def test_far_away_what_names_files_can_only_be_looked_at(
    qtbot: object, away: Requests, window: Show
) -> None:
    user = window("settings")
    choose(user, "backups")
    assert user.page.forms["backups"].rows["backup_directory"].field.isEnabled()
    user.page._requests = away  # its sections are made when they are first chosen
    choose(user, "database")
    row = user.page.forms["database"].rows["data"]
    assert not row.field.isEnabled()
    assert "on the server's machine" in user.read(row)
    assert user.page.forms["database"].rows["database"].field.isEnabled()
    user.page.forms["database"].rows["database"].field.setText("sqlite:////etc/passwd")
    user.page.test._requests = away
    user.page.test.test.click()
    user.qtbot.waitUntil(lambda: "Far from the server" in user.read(user.page.test))
