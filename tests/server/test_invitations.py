"""`messenger invite`: a link that works, alone on standard output, or a sentence."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.sdk.invitation import parse_link
from tests.running import Talker, running

Invite = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a server that has run once."""
    found = tmp_path_factory.mktemp("used")
    with running(found) as server:
        server.stop()
    return found


@pytest.fixture
def data(used: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(used, tmp_path / "Иван a%41? 名前"))


@pytest.fixture
def invite(data: Path, capsys: pytest.CaptureFixture[str]) -> Invite:
    """Order a link: the exit code, and what stands on standard output and error."""

    def order(*arguments: str, toml: str = "") -> tuple[int, str, str]:
        (data / "messenger.toml").write_text(toml, "utf-8")
        code = main(["invite", "--data", str(data), *arguments])
        return code, *capsys.readouterr()

    return order


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--uses", uses) for uses in ("0", "-3", "9" * 15)),
        *(("--days", days) for days in ("0", "-1", "nan", "inf", "-inf", "1e30", "-0.0")),
    ],
)
def test_invalid_options_are_refused(invite: Invite, option: str, value: str) -> None:
    code, out, err = invite(f"{option}={value}")

    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert option in err


@pytest.mark.parametrize(
    ("toml", "host", "port"),
    [
        ('public_address = "chat.example"', "chat.example", 7777),
        ('public_address = "chat.example:7778"', "chat.example", 7778),
        ('public_address = "пример.рф"\nport = 1234', "xn--e1afmkfd.xn--p1ai", 1234),
        ('public_address = "[2001:db8::1]"', "2001:db8::1", 7777),
        ('address = "192.0.2.1"', "192.0.2.1", 7777),
        ('address = "[2001:db8::1]"', "2001:db8::1", 7777),
        ('address = "::"\npublic_address = "chat.example"', "chat.example", 7777),
        ('port = 0\npublic_address = "chat.example:1"', "chat.example", 1),
    ],
)
def test_every_client_accepts_the_link(invite: Invite, toml: str, host: str, port: int) -> None:
    code, out, err = invite(toml=toml)

    assert (code, err, len(out.splitlines())) == (0, "", 1)
    assert parse_link(out)[:2] == (host, port)


@pytest.mark.parametrize(
    "toml",
    [
        *('address = "127.0.0.1"', 'address = "::1"', 'public_address = "localhost"'),
        *('public_address = "[::1]:7778"', 'address = "no-such-host.invalid"'),
    ],
)
def test_a_link_that_works_only_on_this_machine_comes_with_a_warning(
    invite: Invite, toml: str
) -> None:
    code, out, err = invite(toml=toml)

    assert (code, len(out.splitlines()), len(err.splitlines())) == (0, 1, 1)
    assert "public_address" in err


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('registration = "closed"', "registration"),
        ("port = 0", "-p"),
        ('address = "fe80::1%eth0"', "public_address"),
        ('public_address = "a b"', "public_address"),
    ],
)
def test_a_link_that_nobody_could_use_is_refused(invite: Invite, toml: str, said: str) -> None:
    code, out, err = invite(toml=toml)

    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


@pytest.mark.parametrize("runs", [True, False])
def test_a_link_is_the_operators_and_leaves_one_row_in_the_audit_log(
    data: Path, invite: Invite, capsys: pytest.CaptureFixture[str], runs: bool
) -> None:
    def admin(*verb: str) -> dict[str, list[dict[str, object]]]:
        assert main(["admin", *verb, "--json", "--data", str(data)]) == 0
        return dict(json.loads(capsys.readouterr().out))

    with running(data) if runs else nullcontext():
        assert invite("--uses", "3", toml='public_address = "chat.example"')[0] == 0
        (made,) = admin("invite", "list")["invitations"]
        (row,) = admin("audit")["entries"]

    assert made["creator"] == row["actor"] == "operator"
    assert (row["action"], row["target"]) == ("admin_invite", made["invitation"])
    assert (row["origin"], row["before"]) == ("local", None)
    assert row["after"] == {"uses": 3, "expires": made["expires"]}


def test_a_directory_that_no_server_uses_is_not_created(tmp_path: Path, invite: Invite) -> None:
    code, out, err = invite("--data", str(tmp_path / "mistyped"))

    assert (code, out) == (2, "")
    assert "mistyped" in err
    assert not (tmp_path / "mistyped").exists()


def test_no_link_is_created_where_no_server_has_run(tmp_path: Path, invite: Invite) -> None:
    """The link would carry a key that no server has; and no file is created."""
    empty = tmp_path / "пусто 名前"
    empty.mkdir()

    code, out, err = invite("--data", str(empty))

    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert f"No server has run in {empty} yet" in err
    assert not list(empty.iterdir())


def test_the_files_that_an_invitation_creates_are_private(data: Path, invite: Invite) -> None:
    made = [data / name for name in ("messenger.db", "key.pem", "certificate.pem")]
    for file in made:
        file.unlink()

    assert invite()[0] == 0

    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}


def test_somebody_invited_registers_with_it(data: Path, invite: Invite) -> None:
    """On a server that requires one."""
    toml = 'registration = "invitation"'
    link = invite("--uses", "1", "--days", "0.5", toml=toml)[1]

    with running(data) as server, Talker(server.port) as talker:
        token = parse_link(link).token
        assert talker.register("Иван", invite=token)["response"] == 201
        assert talker.register("名前", invite=token)["response"] == 403


def test_the_link_has_the_port_at_which_the_server_listens(data: Path, invite: Invite) -> None:
    """Whatever its configuration says: it was started with another one."""
    with running(data) as server:
        link = invite(toml="port = 7000")[1]
        assert parse_link(link).port == server.port
        assert parse_link(invite("-p", "7001", toml="")[1]).port == 7001
    assert parse_link(invite(toml="port = 7000")[1]).port == 7000


@pytest.mark.parametrize("registration", ["open", "invitation"])
def test_an_invalid_invitation_is_refused(data: Path, invite: Invite, registration: str) -> None:
    """Also where anybody may register: it may be incomplete, or not the one that was meant."""
    link = invite("--uses", "1", toml=f'registration = "{registration}"')[1]
    token = parse_link(link).token

    with running(data) as server, Talker(server.port) as talker:
        for cut in (token[:-1], token[:3], "чужое"):
            assert talker.register("a/b%41", invite=cut)["response"] == 403
        assert talker.log_in("a/b%41")["response"] == 402
        assert talker.register("a/b%41", invite=token)["response"] == 201
        # Who registers once more hears that the name is taken, not that the invitation is used up.
        assert talker.register("a/b%41", invite=token)["response"] == 409


class Terminal(io.TextIOWrapper):
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("encoding", "lines"), [("utf-8", 20), ("ascii", 2)])
def test_a_terminal_that_can_show_it_gets_a_qr_code(
    invite: Invite, monkeypatch: pytest.MonkeyPatch, encoding: str, lines: int
) -> None:
    raw = io.BytesIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Terminal(raw, encoding))
        invite(toml='public_address = "chat.example"')
        shown = raw.getvalue().decode(encoding).splitlines()

    assert parse_link(shown[0]).address == "chat.example"
    assert shown[1].startswith("1 person can register with this link, until 2")
    assert len(shown) >= lines
    assert (len(shown) > 2) == (lines > 2)


@pytest.mark.parametrize("closed", [True, False])
def test_an_output_that_cannot_be_written_is_reported(
    invite: Invite, monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    with Path("/dev/full").open("w") as full, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", None if closed else full)
        code, out, err = invite(toml='public_address = "chat.example"')

    assert (code, out, len(err.splitlines())) == (2, "", 1)
