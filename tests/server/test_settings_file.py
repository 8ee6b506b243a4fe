"""Settings are changed in the TOML file, checked first; what the operator wrote there stays."""

import os
import resource
import socket
from pathlib import Path

import msgspec
import pytest

from messenger.files import replacing
from messenger.server.config import ConfigError, load_settings
from messenger.server.errors import CannotStart
from messenger.server.settings import catalogue
from messenger.server.settings.editor import SettingsEditor
from messenger.server.settings.states import states
from messenger.server.settings.toml_file import CannotSave, TomlFile
from tests.ports import free_port

# Each change is checked by listening on its ports.
pytestmark = pytest.mark.io

PORT, OTHER = free_port(), free_port()  # A change is refused if another program has the port.

WRITTEN = f"""\
# Наш сервер: for the choir.
port = {PORT}  # порт

registration = "invitation"

[limits]
# a big room
room_members = 50   # 名前
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "messenger.toml"
    made.write_text(WRITTEN, "utf-8")
    return made


def editor(file: Path, **environment: str) -> SettingsEditor:
    return SettingsEditor({"data": file.parent}, environment)


def test_a_change_keeps_everything_else_in_the_file(file: Path) -> None:
    changed = editor(file).change({"port": str(OTHER), "limits.room_members": 60, "name": "Хор 🎵"})

    assert file.read_text("utf-8") == WRITTEN.replace(str(PORT), str(OTHER)).replace(
        "= 50", "= 60"
    ).replace('"invitation"\n', '"invitation"\nname = "Хор 🎵"\n')
    assert [(one.name, one.before, one.after, one.at_once) for one in changed] == [
        ("port", PORT, OTHER, False),
        ("limits.room_members", 50, 60, False),
        ("name", None, "Хор 🎵", True),
    ]
    assert load_settings({"data": file.parent}, {}).limits.room_members == 60


def test_a_setting_that_is_removed_has_its_default(file: Path) -> None:
    changed = editor(file).change({"registration": None, "limits.room_members": None})

    settings = load_settings({"data": file.parent}, {})
    assert (settings.registration, settings.limits.room_members) == ("open", 1000)
    assert [one.after for one in changed] == [None, None]
    assert "# a big room" in file.read_text("utf-8")


def test_nothing_changes_if_the_value_is_the_same(file: Path) -> None:
    assert editor(file).change({"port": PORT, "log_days": None}) == []
    assert file.read_text("utf-8") == WRITTEN


@pytest.mark.parametrize(
    "written",
    [
        "",
        "# only a comment",
        "port = 1",
        "\ufeffport = 1\r\n# комментарий\r\n",
        "limits = {rooms = 7}\n",
        "limits.rooms = 7\nport = 1\n",
        "[limits]\nrooms = 7",
        "guests = 'off'\n[limits]\n\n# the end",
    ],
)
def test_a_file_of_any_form_takes_settings(file: Path, written: str) -> None:
    file.write_bytes(written.encode())

    editor(file).change({"port": 2, "limits.backlog": 3, "description": "for us"})

    settings = load_settings({"data": file.parent}, {})
    assert (settings.port, settings.limits.backlog, settings.description) == (2, 3, "for us")
    content = file.read_bytes().decode()
    assert content.startswith("\ufeff") == written.startswith("\ufeff")
    assert (content.count("\n") == content.count("\r\n")) == ("\r\n" in written)
    for kept in ("# комментарий", "# only a comment", "# the end"):
        assert (kept in content) == (kept in written)


def test_a_missing_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    editor(tmp_path / "new" / "messenger.toml").change({"guests": "off"})

    made = tmp_path / "new" / "messenger.toml"
    assert made.read_text() == 'guests = "off"\n'
    assert made.stat().st_mode & 0o777 == 0o600


def test_mode_owner_and_link_stay(file: Path) -> None:
    real = file.rename(file.with_name("настройки.toml"))
    real.chmod(0o640)
    file.symlink_to(real)
    if os.geteuid() == 0:  # the administrator changes a file of the server's user
        os.chown(real, 12345, 12346)

    editor(file).change({"port": OTHER})

    assert file.is_symlink()
    found = real.stat()
    assert found.st_mode & 0o777 == 0o640
    if os.geteuid() == 0:
        assert (found.st_uid, found.st_gid) == (12345, 12346)


# --- what is refused, and leaves the file as it was -----------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("prot", "1", "did you mean port?"),
        ("room_members", "1", "did you mean limits.room_members?"),
        ("limits.room_member", "1", "did you mean limits.room_members?"),
        ("limits", "1", "no setting limits"),
        ("порт", "1", "no setting порт"),
        ("port", "70000", "from 0 to 65535"),
        ("port", "", "from 0 to 65535"),
        ("guests", "everybody", 'one of "loopback", "any", "off"'),
        ("name", "x" * 101, "at most 100 characters"),
        ("name", "a\nb", "a single line of text"),
        ("message_of_the_day", "x" * 1001, "at most 1000 characters"),
        ("public_address", "a b", "must be a host name"),
        ("certificate", "/nowhere.pem", "must be set together"),
        ("limits.text_length", "1000000", "object_size must be at least"),
        ("database", "mysql://x", "must be the URL of an available database"),
        ("address", "192.0.2.1", "Cannot listen on 192.0.2.1"),
    ],
)
def test_what_a_start_would_refuse_is_not_saved(
    file: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(CannotStart, match=said.replace("?", r"\?")):
        editor(file).change({"log_days": 3, name: value})

    assert file.read_text("utf-8") == WRITTEN


def test_a_certificate_that_cannot_be_loaded_is_not_saved(file: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be used"):
        editor(file).change({"certificate": "/nowhere.pem", "private_key": "/nowhere.key"})

    assert file.read_text("utf-8") == WRITTEN


def test_a_port_that_another_program_has_is_not_saved(file: Path) -> None:
    with socket.create_server(("", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(CannotStart, match="Another program listens"):
            editor(file).change({"port": taken})
        assert file.read_text("utf-8") == WRITTEN
        # It may be the server itself, which runs with that port.
        editor(file).change({"port": taken}, port_in_use=taken)
    assert load_settings({"data": file.parent}, {}).port == taken


@pytest.mark.parametrize(
    ("address", "metrics", "is_refused"),
    [("127.0.0.1", "127.0.0.1", True), ("", "127.0.0.1", True), ("127.0.0.1", "127.0.0.2", False)],
)
def test_metrics_cannot_have_the_port_of_clients(
    file: Path, address: str, metrics: str, is_refused: bool
) -> None:
    changes = {"address": address, "metrics_address": metrics, "port": 7778, "metrics_port": 7778}

    # Whether another program has the port is not tried.
    if is_refused:
        with pytest.raises(CannotStart, match="metrics_port"):
            editor(file).change(changes, port_in_use=7778)
        assert file.read_text("utf-8") == WRITTEN
    else:
        editor(file).change(changes, port_in_use=7778)
        assert load_settings({"data": file.parent}, {}).metrics_port == 7778


@pytest.mark.parametrize("content", [b"port = ", b"port = 1\nport = 2\n", b"\xff\xfe", b"[limits"])
def test_a_broken_file_is_left_to_its_author(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError, match="cannot be read"):
        editor(file).change({"port": 1})

    assert file.read_bytes() == content


def test_a_wrong_value_in_the_file_can_be_corrected(file: Path) -> None:
    file.write_text("port = 70000\nguests = 'any'\n")
    with pytest.raises(ConfigError, match="port"):
        editor(file).change({"guests": "off"})

    editor(file).change({"port": OTHER})

    assert load_settings({"data": file.parent}, {}).port == OTHER


def test_an_unknown_name_can_be_removed(file: Path) -> None:
    file.write_text("prot = 7\nguests = 'any'\n[limits]\n\"ромы\" = 1\n", "utf-8")

    editor(file).change({"prot": None, "limits.ромы": None})

    assert load_settings({"data": file.parent}, {}).guests == "any"
    with pytest.raises(ConfigError, match="no setting prot"):
        editor(file).change({"prot": None})


def test_a_file_that_an_editor_has_saved_meanwhile_is_not_overwritten(file: Path) -> None:
    read = TomlFile(file)
    text = read.edited({"port": 1})
    with replacing(file) as new:  # as editors do
        new.write(b"port = 5\n")

    with pytest.raises(CannotSave, match="was changed meanwhile"):
        read.save(text)

    assert file.read_bytes() == b"port = 5\n"
    assert [one.name for one in file.parent.iterdir()] == ["messenger.toml"]
    file.unlink()
    with pytest.raises(CannotSave, match="was changed meanwhile"):
        read.save(text)
    assert not file.exists()


def test_a_file_that_appeared_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    read = TomlFile(tmp_path / "messenger.toml")
    (tmp_path / "messenger.toml").write_text("port = 5\n")

    with pytest.raises(CannotSave, match="was changed meanwhile"):
        read.save("port = 1\n")


def test_a_read_only_file_is_not_replaced(file: Path) -> None:
    file.chmod(0o444)

    with pytest.raises(CannotSave, match="is read-only"):
        editor(file).change({"port": 1})

    assert file.read_text("utf-8") == WRITTEN


def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    file.write_text(WRITTEN + "#" * 10_000)
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(CannotSave, match="cannot be written"):
            editor(file).change({"port": 1})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["messenger.toml"]


# --- what is shown --------------------------------------------------------------------------------


def test_each_setting_says_where_its_value_comes_from(file: Path) -> None:
    shown = {
        one.name: one
        for one in SettingsEditor(
            {"data": file.parent, "log_level": "DEBUG"},
            {"MESSENGER_REGISTRATION": "closed", "MESSENGER_LIMITS": "off"},
        ).states()
    }

    assert (shown["port"].value, shown["port"].source) == (PORT, "file")
    assert (shown["guests"].value, shown["guests"].source) == ("loopback", "default")
    assert (shown["log_level"].value, shown["log_level"].source) == ("DEBUG", "command line")
    found = shown["registration"]
    assert (found.value, found.source, found.in_file) == ("closed", "environment", True)
    assert shown["limits_on"].value is False
    found = shown["limits.room_members"]
    assert (found.value, found.default, found.source) == (50, 1000, "file")
    assert (found.kind, found.least, found.most) == ("whole number", 1, 1_000_000_000)
    assert shown["limits.object_size"].unit == "bytes"
    assert shown["plain"].choices == ("loopback", "any", "off")


def test_a_change_says_what_overrides_it(file: Path) -> None:
    changed = editor(file, MESSENGER_GUESTS="off").change({"guests": "any", "log_days": 3})

    assert [one.overridden_by for one in changed] == ["environment", ""]


def test_a_value_that_the_running_server_does_not_have_yet_is_marked(file: Path) -> None:
    running = {one.name: one.value for one in editor(file).states()}
    editor(file).change({"port": OTHER})

    waiting = {one.name: one.running for one in editor(file).states(running)}

    assert waiting.pop("port") == PORT
    assert set(waiting.values()) == {msgspec.UNSET}


def test_every_setting_has_an_entry_in_the_users_language(file: Path) -> None:
    layers = editor(file).layers()
    english, russian = states(layers, language="en"), states(layers, language="ru")

    assert [one.name for one in english] == catalogue.names()
    for one, other in zip(english, russian, strict=True):
        assert one.description != other.description
        assert "{" not in one.description + other.description


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("postgresql://ann:sEcret@db/m", "postgresql://ann:***@db/m"),
        ("postgresql://ann:s@E/c:ret@db/m", "postgresql://ann:***@db/m"),
        (
            "postgresql://ann@db/m?password=sEcret&connect_timeout=3",
            "postgresql://ann@db/m?password=***&connect_timeout=3",
        ),
        ("postgresql://ann@db/m", "postgresql://ann@db/m"),
        ("sqlite:////srv/a:b@c.db", "sqlite:////srv/a:b@c.db"),
    ],
)
def test_a_password_is_never_shown_and_survives_a_change(file: Path, url: str, hidden: str) -> None:
    file.write_text(f'database = "{url}"\n')
    shown = {one.name: one.value for one in editor(file).states()}
    assert shown["database"] == hidden

    assert editor(file).change({"database": hidden}) == []
    changed = editor(file).change({"database": hidden.replace("ann", "bob")})

    assert load_settings({"data": file.parent}, {}).database == url.replace("ann", "bob")
    assert "Ecret" not in repr(changed)


def test_the_secrets_of_a_refused_url_stay_secret(file: Path) -> None:
    with pytest.raises(CannotStart) as refused:
        editor(file).change({"database": "postgresql://ann:sEcret@db:port/m"})

    assert "sEcret" not in str(refused.value)


def test_a_relative_path_does_not_depend_on_where_the_server_starts(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)

    editor(file).change({"data": "данные"})

    assert load_settings({"config": file}, {}).data == file.parent / "данные"
