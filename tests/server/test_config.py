"""Settings: defaults < file < environment < command line."""

from pathlib import Path

import pytest

from messenger.server.config import ConfigError, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "messenger.toml"


def test_what_is_nearer_to_the_operator_wins(tmp_path: Path, file: Path) -> None:
    file.write_text("port = 1\nlog_days = 1\nlog_level = 'DEBUG'\n")
    environment = {"MESSENGER_PORT": "2", "MESSENGER_LOG_DAYS": "2", "OTHER": "x"}

    settings = load_settings({"data": tmp_path, "port": 3, "config": None}, environment)

    assert (settings.port, settings.log_days, settings.log_level) == (3, 2, "DEBUG")
    assert settings.guests == "loopback"


def test_r06_without_anything_it_listens_on_port_7777_of_all_addresses(tmp_path: Path) -> None:
    settings = load_settings({"data": tmp_path}, {})

    assert (settings.address, settings.port) == ("", 7777)


def test_limits_are_a_table(tmp_path: Path, file: Path) -> None:
    file.write_text("[limits]\nmessage_burst = 7\n")

    settings = load_settings({"data": tmp_path}, {})

    assert settings.limits.message_burst == 7
    assert settings.limits.message_interval == 0.1


@pytest.mark.parametrize(("value", "on"), [("off", False), ("on", True), ("", True)])
def test_limits_in_time_are_switched_by_the_environment(
    tmp_path: Path, value: str, on: bool
) -> None:
    assert load_settings({"data": tmp_path}, {"MESSENGER_LIMITS": value}).limits_on is on


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("port = 'seven'", "$.port"),
        ("unknown = 1", "unknown"),
        ("[limits]\nunknown = 1", "unknown"),
        ("guests = 'some'", "some"),
        ("port = 70000", "65535"),
        ("[limits]\ndevices = 0", "devices"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, file: Path, toml: str, said: str) -> None:
    file.write_text(toml)

    with pytest.raises(ConfigError, match=said.replace("$", r"\$")):
        load_settings({"data": tmp_path}, {})


def test_a_wrong_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="port"):
        load_settings({"data": tmp_path}, {"MESSENGER_PORT": "x"})


def test_paths_come_from_the_environment_and_from_the_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "messenger.toml").write_text(
        "certificate = '/etc/mine.pem'\nprivate_key = '/etc/mine.key'\n", "utf-8"
    )

    settings = load_settings({}, {"MESSENGER_DATA": str(data)})

    assert settings.data == data
    assert settings.certificate == Path("/etc/mine.pem")


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "messenger.toml").write_text("certificate = '/etc/mine.pem'\n", "utf-8")

    with pytest.raises(ConfigError, match="private_key"):
        load_settings({"data": tmp_path}, {})
