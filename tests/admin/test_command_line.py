"""Every verb of `messenger admin`, with a running server, without one, and from far away."""

import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.admin import verb_examples
from messenger.log import server_log_config
from tests.ports import free_port
from tests.running import PASSWORD, RunningServer, Talker, running
from tests.server.administrators import administrator, operator, registered

Result = tuple[int, str, str]
Admin = Callable[..., Result]
Names = Callable[[str], str]

EXAMPLES: dict[str, Callable[["World"], list[str]]] = {
    "accounts list": lambda _: ["--limit", "3", "--sort", "last_login", "--descending"],
    "accounts show": lambda world: [world.account()],
    "accounts add": lambda world: [world.new_name(), "--generate", "--administrator"],
    "accounts block": lambda world: [world.account()],
    "accounts unblock": lambda world: [world.blocked()],
    "accounts remove": lambda world: [world.account(), "--yes"],
    "accounts promote": lambda world: [world.account()],
    "accounts demote": lambda world: [world.promoted()],
    "accounts reset-password": lambda world: [world.account()],
    "accounts logout": lambda world: [world.account()],
    "sessions list": lambda _: ["--sort", "since"],
    "sessions end": lambda _: ["999999999"],
    "rooms list": lambda _: ["--sort", "members"],
    "rooms show": lambda world: [world.room()],
    "rooms close": lambda world: [world.room(), "--yes"],
    "invite list": lambda _: ["--all"],
    "invite make": lambda _: ["--uses", "2", "--days", "0.5"],
    "invite revoke": lambda world: [world.invitation()],
    "logins": lambda world: [world.account(), "--limit", "2"],
    "audit": lambda _: ["--limit", "2"],
    "stats": lambda _: ["--range", "hour"],
    "backup make": lambda _: [],
    "backup list": lambda _: [],
    "backup verify": lambda world: [world.backup()],
    "backup restore": lambda _: ["messenger-20200101-000000Z.tar.gz", "--yes"],
    "reports list": lambda _: ["--all"],
    "reports show": lambda world: [world.report()],
    "reports close": lambda world: [world.report(), "--note", "Предупреждён"],
    "config show": lambda _: ["--changed"],
    "config get": lambda _: ["port"],
    "config set": lambda world: ["description", world.new_name(), "log_days", "9"],
    "config check": lambda _: [],
    "config certificate": lambda _: ["--renew"],
    "doctor": lambda _: [],
    "log": lambda _: ["-n", "3"],
    "restart": lambda _: ["--yes"],
    "notice": lambda _: ["Сервер остановится в пять"],
    "promote": lambda world: [world.account()],
    "claim": lambda _: ["AAAA-AAAA-AAAA-AAAA"],
}
REFUSED = {"sessions end", "claim", "restart", "backup restore"}
"""Those of which the examples are refused."""
GRADED = {"doctor"}
"""Those whose exit code tells what they have found, such as a clock that nobody sets."""


class World:
    """A server, and what the examples are about."""

    def __init__(self, admin: Admin, names: Names) -> None:
        self._admin = admin
        self._names = names
        self._number = 0

    def new_name(self) -> str:
        """Return a name that is free."""
        self._number += 1
        return self._names(f"target{self._number}")

    def account(self) -> str:
        """Return a new account."""
        name = self.new_name()
        assert self._admin("accounts", "add", name, "--generate")[0] == 0
        return name

    def blocked(self) -> str:
        """Return a blocked account."""
        name = self.account()
        assert self._admin("accounts", "block", name)[0] == 0
        return name

    def promoted(self) -> str:
        """Return another administrator."""
        name = self.account()
        assert self._admin("promote", name)[0] == 0
        return name

    def room(self) -> str:
        """Return an open room: any server has had one when this was prepared."""
        listed = json.loads(self._admin("rooms", "list", "--json")[1])["rooms"]
        return next(str(one["room"]) for one in listed if one["room"] != "#all")

    def report(self) -> str:
        """Return the number of an open report: any server has had some when it was prepared."""
        listed = json.loads(self._admin("reports", "list", "--json")[1])["reports"]
        return str(listed[0]["report"])

    def backup(self) -> str:
        """Return the name of a new backup."""
        made = json.loads(self._admin("backup", "make", "--json")[1])["backups"]
        return str(made[0]["backup"])

    def invitation(self) -> str:
        """Return the id of a new invitation."""
        return str(json.loads(self._admin("invite", "make", "--json")[1])["invitation"])


@pytest.fixture(scope="module", params=("running", "offline", "away"))
def admin(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Admin]:
    """Run `messenger admin`: the exit code, standard output and standard error."""
    data = tmp_path_factory.mktemp("admin") / "данные %41 ?#"
    password = data.parent / "пароль"
    password.write_text(f"{PASSWORD}\n", "utf-8")
    where = ["--data", str(data)]
    # Invitations need a port that is known while no server runs.
    toml = f'port = {free_port()}\npublic_address = "chat.example.org"\nregistration = "open"\n'
    with running(data, "--limits", "off") as server:
        (data / "messenger.toml").write_text(toml, "utf-8")
        _make_rooms(server)
        if request.param == "offline":
            assert server.stop() == 0
        elif request.param == "away":
            administrator(server, "админ").close()
            where = ["--server", f"127.0.0.1:{server.port}", "--user", "админ"]
            where += ["--password-file", str(password)]

        def run(*words: str) -> Result:
            return _run([*words, *where])

        yield run
    _close_log()


def test_every_verb_has_an_example() -> None:
    # Those of the help are all there are. The window is no verb: no server is asked before.
    assert {*EXAMPLES, "window"} == set(verb_examples.EXAMPLES)


@pytest.mark.parametrize("verb", EXAMPLES)
def test_a_verb_does_the_same_wherever_the_server_is(admin: Admin, name: Names, verb: str) -> None:
    given = EXAMPLES[verb](World(admin, name))

    code, out, err = admin(*verb.split(), *given)

    if verb in REFUSED:
        assert (out, len(err.splitlines())) == ("", 1)
        assert code == 1 or verb == "claim"  # without an account it is wrong use
    else:
        assert (code if verb not in GRADED else min(code, 0)) == 0
        assert not err or verb == "invite make"  # it warns of an address within this machine
        assert out.strip()


@pytest.mark.parametrize("verb", sorted(EXAMPLES.keys() - REFUSED))
def test_each_verb_writes_json_for_programs(admin: Admin, name: Names, verb: str) -> None:
    given = EXAMPLES[verb](World(admin, name))

    code, out, err = admin(*verb.split(), *given, "--json")

    assert (code if verb not in GRADED else min(code, 0), err) == (0, "")
    assert out.count("\n") == 1
    found = json.loads(out)
    assert isinstance(found, dict)
    assert not {"response", "time", "id"} & found.keys()


def test_what_is_done_without_a_server_is_there_when_one_starts(tmp_path: Path) -> None:
    with running(tmp_path, "--limits", "off") as server:
        registered(server, "Ева")
        server.stop()
        where = ("--data", str(tmp_path))
        assert _run(["accounts", "block", "Ева", *where])[0] == 0
        new = json.loads(_run(["accounts", "add", "Анна", "--generate", "--json", *where])[1])
        server.start()
        with Talker(server.port) as client:
            assert client.log_in("Ева")["response"] == 403
            assert client.log_in("Анна", new["password"])["response"] == 200
        rows = operator(server, "admin_audit")["entries"]
        assert [row["action"] for row in rows] == ["admin_add", "admin_block"]
    _close_log()


def test_errors_say_what_is_wrong_by_the_exit_code(tmp_path: Path, name: Names) -> None:
    with running(tmp_path, "--limits", "off") as server:
        here = ["--data", str(tmp_path)]
        away = ["--server", f"127.0.0.1:{server.port}", "--user", registered(server, "Ева")]
        (tmp_path / "пароль").write_text(PASSWORD, "utf-8")
        (tmp_path / "другой").write_text("not this one", "utf-8")
        with_password = [*away, "--password-file", str(tmp_path / "пароль")]
        for words, expected in (
            (["accounts", "show", "никто", *here], 1),
            (["accounts", "block", "никто", *here], 1),
            (["accounts", "add", "Ева", "--generate", *here], 1),
            (["accounts", "list", *with_password], 1),  # not an administrator
            (["accounts", "list", *away, "--password-file", str(tmp_path / "другой")], 1),
            (["accounts", "list", *away, "--password-file", str(tmp_path / "нет")], 2),
            (["accounts", "list", *away[:2]], 2),
            (["accounts", "list", "--user", "Ева"], 2),
            (["accounts", "list", "--server", "127.0.0.1:1", *with_password[2:]], 2),
            (["accounts", "list", "--server", "a b c", *with_password[2:]], 2),
            (["accounts", "list", "--data", str(tmp_path / "нигде")], 2),
            (["accounts", "remove", "Ева", *here], 2),  # nobody can confirm it
            (["accounts", "list", "--sort", "глубина", *here], 2),
            (["accounts", "list", "--limit", "-1", *here], 2),
            (["accounts"], 2),
        ):
            code, out, err = _run(words)
            assert (code, out, len(err.splitlines())) == (expected, "", 1), (words, err)


def test_an_operator_who_claims_is_told_what_to_do_instead(tmp_path: Path) -> None:
    with running(tmp_path):
        code, out, err = _run(["claim", "AAAA-AAAA-AAAA-AAAA", "--data", str(tmp_path)])

    assert (code, out) == (2, "")
    assert "messenger admin promote NAME" in err


def test_the_audit_log_is_in_words_and_for_programs_as_on_the_wire(
    admin: Admin, name: Names
) -> None:
    target = World(admin, name).blocked()

    _code, out, _err = admin("audit", "--target", target, "--action", "admin_block")
    _code, document, _err = admin("audit", "--target", target, "--action", "admin_block", "--json")

    assert "Account blocked" in out
    assert "Is blocked: yes" in out
    assert "admin_block" not in out
    (row,) = json.loads(document)["entries"]
    assert (row["action"], row["after"]["blocked"]) == ("admin_block", True)


def test_an_act_that_there_is_not_is_wrong_use(admin: Admin) -> None:
    code, out, err = admin("audit", "--action", "block")

    assert (code, out) == (2, "")
    assert "admin_block" in err


def test_numbers_that_json_cannot_carry_are_wrong_use(admin: Admin) -> None:
    code, _out, err = admin("invite", "make", "--uses", "9" * 20)

    assert code == 2
    assert "too large a number" in err


def test_a_script_is_told_how_to_give_the_password_of_a_new_account(
    admin: Admin, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSENGER_PASSWORD", PASSWORD)  # the administrator's own

    code, out, err = admin("accounts", "add", name("Ольга"))

    assert (code, out) == (2, "")
    assert "--generate" in err
    assert "--new-password-file" in err


def test_only_the_link_of_an_invitation_is_on_standard_output(admin: Admin) -> None:
    code, out, _warning = admin("invite", "make")

    assert (code, out.count("\n"), out[:6]) == (0, 1, "jim://")


def test_a_server_with_another_key_is_refused(tmp_path: Path) -> None:
    with running(tmp_path, "--limits", "off") as server:
        administrator(server, "Иван").close()
        (tmp_path / "пароль").write_text(PASSWORD, "utf-8")
        where = ["--server", f"127.0.0.1:{server.port}", "--user", "Иван"]
        where += ["--password-file", str(tmp_path / "пароль")]
        assert _run(["audit", *where])[0] == 0
        server.stop()
        for file in ("key.pem", "certificate.pem"):
            (tmp_path / file).unlink()
        server.start()

        code, _out, err = _run(["audit", *where])

        assert code == 2
        assert "another key" in err.splitlines()[0]
        assert "\u240a" not in err  # its lines stay lines


def _make_rooms(server: RunningServer) -> None:
    registered(server, "хозяин")
    with Talker(server.port) as client:
        client.log_in_fully("хозяин")
        for number in range(4):
            assert client.ask("join", room=f"#комната{number}")["response"] == 200
            assert client.ask("report", room="#", reason="спам")["response"] == 201


def _run(words: list[str]) -> Result:
    """Run the command in this process; return its exit code and outputs."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(["admin", *words])
        except SystemExit as end:
            code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def _close_log() -> None:
    for handler in server_log_config.LOGGER.handlers[:]:
        server_log_config.LOGGER.removeHandler(handler)
        handler.close()
    server_log_config.LOGGER.setLevel(logging.INFO)
