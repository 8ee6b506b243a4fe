"""Settings: defaults < file < environment < command line."""

import os
import re
from pathlib import Path

import pytest

from messenger.sdk.invitation import parse_link
from messenger.server.config import ConfigError, load_settings
from messenger.server.limits import Limits
from messenger.server.public_address import parse_address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "messenger.toml"


def test_the_source_nearest_to_the_operator_wins(tmp_path: Path, file: Path) -> None:
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
def test_rate_limits_are_switched_by_the_environment(tmp_path: Path, value: str, on: bool) -> None:
    assert load_settings({"data": tmp_path}, {"MESSENGER_LIMITS": value}).limits_on is on


# --- refused settings ---------------------------------------------------------------------------


def refusal(data: Path, toml: str = "", **environment: str) -> str:
    """Return the sentence with which settings are refused."""
    (data / "messenger.toml").write_text(toml, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings({"data": data}, environment)
    said = str(refused.value)
    assert "$" not in said
    assert "`" not in said
    return said


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("port = 'seven'", ["port", "whole number from 0 to 65535", '"seven"']),
        ("port = 70000", ["port", "65535", "70000"]),
        ("port = true", ["port", "65535", "true"]),
        ("port = 7.5", ["port", "whole number", "7.5"]),
        ("guests = 'some'", ["guests", '"loopback", "any", "off"', '"some"']),
        ("registration = 'invite'", ["registration", '"invitation"']),
        ("engine = 1", ["engine", '"uvloop"']),
        ("limits_on = 'off'", ["limits_on", "true or false"]),
        ("address = 7", ["address", "a single line of text"]),
        ("address = 'a\\nb'".replace("'", '"'), ["address", "a single line"]),
        ('database = "a\\u0000b"', ["database", "a single line"]),
        ("certificate = 7", ["certificate", "a path"]),
        ("certificate = ''", ["certificate", "a path"]),
        ("certificate = '~nobody of this name/x'", ["certificate", "a path"]),
        ("log_days = -3", ["log_days", "from 1 to"]),
        ("reading_threads = 0", ["reading_threads", "from 1 to 64"]),
        ("reading_threads = 10000", ["reading_threads", "from 1 to 64"]),
        ("plain_pause = -0.1", ["plain_pause", "from 0 to 10"]),
        ("plain_pause = nan", ["plain_pause", "from 0 to 10", "NaN"]),
        ("limits = 5", ["limits", "a table", "5"]),
        ("limits = ['x']", ["limits", "a table"]),
        ("[limits]\ndevices = 0", ["devices", "from 1 to"]),
        ("[limits]\ndevices = " + "9" * 30, ["devices", "to 1000000000"]),
        ("[limits]\nobject_size = 'big'", ["object_size", "1024"]),
        ("[limits]\nlogin_timeout = inf", ["login_timeout", "0.001", "Infinity"]),
        ("[limits]\nlogin_timeout = 1979-05-27", ["login_timeout", "1979"]),
        ("[limits]\nprobe_interval = -nan", ["probe_interval", "0.001"]),
        ("not toml", ["cannot be read"]),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    tmp_path: Path, toml: str, said: list[str]
) -> None:
    found = refusal(tmp_path, toml)

    assert all(part in found for part in [*said, str(tmp_path / "messenger.toml")]), found


@pytest.mark.parametrize("name", [*Limits.__struct_fields__])
def test_every_limit_is_a_number_within_bounds(tmp_path: Path, name: str) -> None:
    for value in ("0", "-1", "nan", "inf", "-inf", "1e300", "9" * 40, "'x'", "true", "[]"):
        found = refusal(tmp_path, f"[limits]\n{name} = {value}")

        assert re.search(rf"{name} .*number from [\d.]+ to \d+, not", found), found


@pytest.mark.parametrize(
    ("toml", "name", "near"),
    [
        ("prot = 1", "prot", "port"),
        ("limits_off = true", "limits_off", "limits_on"),
        ("[limits]\nmesage_burst = 1", "mesage_burst", "message_burst"),
        ("'каша 名前' = 1", "каша 名前", "correct its name"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest(
    tmp_path: Path, toml: str, name: str, near: str
) -> None:
    found = refusal(tmp_path, toml)

    assert all(part in found for part in (name, near, "messenger.toml")), found


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("MESSENGER_PORT", "x", "65535"),
        ("MESSENGER_PORT", "tcp://10.0.0.1:80", "65535"),
        ("MESSENGER_PLAIN_PAUSE", "nan", "from 0 to 10"),
        ("MESSENGER_LIMITS", "maybe", '"on", "off"'),
        ("MESSENGER_LIMITS_ON", "maybe", "true or false"),
        ("MESSENGER_PROT", "7777", "MESSENGER_PORT"),
        ("MESSENGER_port", "7777", "MESSENGER_PORT"),
        ("MESSENGER_PASSWROD", "x", "MESSENGER_PASSWORD"),
        ("MESSENGER_КАША", "x", "correct its name"),
        ("MESSENGER_ADDRESS", os.fsdecode(b"\xff"), "a single line of text"),
    ],
)
def test_a_wrong_environment_is_named(tmp_path: Path, variable: str, value: str, said: str) -> None:
    found = refusal(tmp_path, **{variable: value})

    assert variable in found
    assert said in found


def test_the_clients_variables_are_ignored(tmp_path: Path) -> None:
    environment = {"MESSENGER_PASSWORD": "x", "MESSENGER_PASSPHRASE": "y", "MESSENGER_PROT": ""}

    assert load_settings({"data": tmp_path}, environment).port == 7777


def test_the_file_is_checked_even_where_the_command_line_overrides_it(
    tmp_path: Path, file: Path
) -> None:
    file.write_text("port = 70000")

    with pytest.raises(ConfigError, match=r"messenger\.toml"):
        load_settings({"data": tmp_path, "port": 1}, {})


def test_a_byte_order_mark_is_accepted(tmp_path: Path, file: Path) -> None:
    file.write_text("port = 1\n", "utf-8-sig")

    assert load_settings({"data": tmp_path}, {}).port == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", b"port = \xd0", b"\0", b"port = "])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=r"messenger\.toml cannot be read"):
        load_settings({"data": tmp_path}, {})


def test_a_directory_in_the_place_of_the_file_is_named(tmp_path: Path, file: Path) -> None:
    file.mkdir()

    with pytest.raises(ConfigError, match=r"messenger\.toml cannot be read: Is a directory"):
        load_settings({"data": tmp_path}, {})


@pytest.mark.parametrize(
    ("written", "in_link"),
    [
        ("chat.example", "chat.example:1"),
        ("Chat.Example.", "chat.example:1"),
        ("chat.example:7778", "chat.example:7778"),
        ("münchen.example:7778", "xn--mnchen-3ya.example:7778"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai:1"),
        ("my_host", "my_host:1"),
        ("FAß.de", "xn--fa-hia.de:1"),
        ("192.0.2.1", "192.0.2.1:1"),
        ("192.0.2.1:7778", "192.0.2.1:7778"),
        ("2001:db8::1", "[2001:db8::1]:1"),
        ("[::1]", "[::1]:1"),
        ("[2001:DB8:0::1]:7778", "[2001:db8::1]:7778"),
    ],
)
def test_a_public_address_is_a_host_perhaps_with_a_port(written: str, in_link: str) -> None:
    made = parse_address(written).in_link(1)

    found = parse_link(f"jim://{made}?invite=x")
    assert made == in_link
    assert f"{found.address}:{found.port}" == made.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    "address",
    [
        *("a b", "a..b", ".", "-a", "x" * 64, "a." * 130, "\U0001f511 a"),
        *("chat.example:", "chat.example:0", "chat.example:70000", "a:x", "a:١"),
        *("jim://chat.example", "a/b%41", "a@b", "a?b", "1.2.3", "1.2.3.256"),
        *("[::1", "[::1]x", "[::1]:", "[a]", "fe80::1%eth0", "2001:db8::x"),
    ],
)
def test_a_public_address_that_fits_no_link_is_refused(tmp_path: Path, address: str) -> None:
    assert "public_address must be" in refusal(tmp_path, f'public_address = "{address}"')


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
