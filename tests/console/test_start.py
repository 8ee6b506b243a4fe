"""Every step of a client's start may fail: that is one sentence and exit code 2, never more."""

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messenger.__main__ import main
from messenger.console import program
from messenger.console.options import Options
from messenger.console.prompting import TerminalPrompter
from messenger.crypto.certificates import fingerprint
from messenger.sdk.backup import Owner, back_up
from messenger.sdk.store import Store
from messenger.ui.profile_choice import choose_profile, with_server
from messenger.ui.prompts import NoLogin
from messenger.ui.start import bring_back
from tests.console.test_welcome import invite
from tests.forking import ROOT, Python, run
from tests.running import PASSWORD, RunningServer, Talker, running

NAME = "Иван а/б%41"


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running(tmp_path_factory.mktemp("server"), "--limits", "off") as server:
        yield server


@pytest.fixture(scope="module")
def used(one_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of a client that was there once."""
    data = tmp_path_factory.mktemp("used")
    assert program.run(Options("127.0.0.1", one_server.port, NAME, mode="send", data=data)) == 0
    return data


def profile_in(data: Path) -> Path:
    return next((data / "profiles").iterdir())


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(profile: Path) -> None:
        file = profile / name
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
        file.write_bytes(content)

    return damage


def directory(name: str) -> Callable[[Path], None]:
    def damage(profile: Path) -> None:
        file = profile / name
        file.unlink(missing_ok=True)
        file.mkdir(parents=True)

    return damage


DAMAGES = {
    "profile.json is empty": write("profile.json", b""),
    "profile.json is half": write("profile.json", b'{"address": "127.0'),
    "profile.json is no JSON": write("profile.json", bytes(range(128, 180))),
    "profile.json says nonsense": write("profile.json", b'{"address": 1}'),
    "profile.json is a directory": directory("profile.json"),
    "the database is garbage": write("messages.db", bytes(range(256)) * 40),
    "the database is a directory": directory("messages.db"),
    "the key is empty": write("messages.db.key", b""),
    "the key is a directory": directory("messages.db.key"),
    "the log is a file": write("log", b""),
    "the log's file is a directory": directory("log/client.log"),
    "the lock is a directory": directory("lock"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_damaged_is_named_in_one_sentence(
    used: Path,
    one_server: RunningServer,
    tmp_path: Path,
    damage: Callable[[Path], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = Path(shutil.copytree(used, tmp_path / "data"))
    profile = profile_in(data)
    damage(profile)

    code = program.run(Options("127.0.0.1", one_server.port, NAME, data=data))

    said = capfd.readouterr().err
    assert code == 2
    assert said.count("\n") == 1
    assert str(profile) in said
    assert "Internal error" not in said


@pytest.mark.parametrize("below", ["", "below"])
def test_a_data_directory_that_is_a_file_is_named(
    one_server: RunningServer, tmp_path: Path, below: str, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")

    code = program.run(Options("127.0.0.1", one_server.port, NAME, data=file / below))

    assert code == 2
    assert str(file) in capfd.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no password in the first line"),
        (b"\nsecond line\n", "no password in the first line"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
    ],
)
def test_a_password_file_that_holds_none_is_named(
    one_server: RunningServer,
    tmp_path: Path,
    content: bytes,
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "пароль"
    file.write_bytes(content)

    options = Options("127.0.0.1", one_server.port, NAME, data=tmp_path, password_file=file)

    assert program.run(options) == 2
    error = capfd.readouterr().err
    assert said in error
    assert str(file) in error


def test_a_password_file_may_begin_with_a_byte_order_mark(
    one_server: RunningServer, tmp_path: Path
) -> None:
    marked, plain = tmp_path / "marked", tmp_path / "plain"
    marked.write_bytes(b"\xef\xbb\xbf" + PASSWORD.encode() + b"\r\n")
    plain.write_text(PASSWORD)
    options = Options("127.0.0.1", one_server.port, "名前", mode="send", data=tmp_path / "1")

    made = program.run(options._replace(password_file=marked, register=True))
    again = program.run(options._replace(password_file=plain, data=tmp_path / "2"))

    assert (made, again) == (0, 0)


def test_what_nobody_foresaw_is_a_sentence_and_its_traceback_is_in_the_log(
    one_server: RunningServer,
    used: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = Path(shutil.copytree(used, tmp_path / "data"))
    monkeypatch.setattr(program, "_pipe", lambda *_: 1 // 0)

    code = program.run(Options("127.0.0.1", one_server.port, NAME, mode="send", data=data))

    log = profile_in(data) / "log" / "client.log"
    assert code == 2
    assert capfd.readouterr().err == (f"Internal error (ZeroDivisionError); details are in {log}\n")
    assert "Traceback" in log.read_text("utf-8")


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "LOCALHOST:{port}"])
def test_an_address_may_be_typed_as_in_the_form(
    one_server: RunningServer, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = address.format(port=one_server.port)
    arguments = ("-n", "Гость", "--guest", "--mode", "send", "--data", str(tmp_path))
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr("sys.stdin", nothing)

        assert main(["chat", place, *arguments]) == 0


@pytest.mark.parametrize("option", ["--data", "--password-file", "--restore"])
def test_a_path_that_is_empty_is_not_the_directory_where_one_stands(
    option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["chat", "127.0.0.1", option, ""])
    assert f"{option}: a path must not be empty" in capfd.readouterr().err


def test_an_interrupt_while_modules_are_loaded_ends_it_without_a_word() -> None:
    program = """
import sys
from messenger.__main__ import main
class Interrupted:
    def find_spec(self, name, *_):
        if name == "sqlalchemy":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
sys.exit(main(["chat", "127.0.0.1"]))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (130, "")


CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>&1"]


@pytest.mark.parametrize(
    ("mode", "streams"),
    [*(("chat", streams) for streams in CLOSED), ("send", ">&-"), ("send", CLOSED[-1])],
)
def test_standard_streams_that_are_closed_or_full_end_nothing(
    one_server: RunningServer, tmp_path: Path, mode: str, streams: str
) -> None:
    said, data = tmp_path / "said", shlex.quote(str(tmp_path / "c"))
    client = f"{sys.executable} client.py 127.0.0.1 {one_server.port} -n closed_{mode}"
    command = f"(echo hello | ({client} --mode {mode} --data {data} {streams})) 2>&1"

    with said.open("w") as out:
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, timeout=60, start_new_session=True, stdout=out
        )

    assert done.returncode == 0
    assert "Traceback" not in said.read_text()
    assert "Exception ignored" not in said.read_text()


def test_a_listener_whose_output_is_full_says_so_and_ends(
    one_server: RunningServer, tmp_path: Path
) -> None:
    arguments = ("-n", "ear", "--mode", "listen", "--data", str(tmp_path / "ear"))
    with Path("/dev/full").open("w") as full:
        listener = Python(
            "client.py", "127.0.0.1", str(one_server.port), *arguments, stdout=full.fileno()
        )
    with Talker(one_server.port) as mouth:
        mouth.guest("mouth")
        while listener.poll() is None:
            mouth.ask("msg", to="#all", message="hello")

    assert listener.returncode == 1
    assert "cannot be written" in listener.communicate()[1]


@pytest.mark.parametrize("encoding", ["koi8-r", "latin-1", "ascii"])
def test_what_an_old_encoding_cannot_show_is_escaped(
    one_server: RunningServer, tmp_path: Path, encoding: str
) -> None:
    done = run(
        *("client.py", "127.0.0.1", str(one_server.port), "-n", "名前 2"),
        *("--data", str(tmp_path), "--to", "#all"),
        text="/help\n",
        env={**os.environ, "PYTHONIOENCODING": encoding, "LANGUAGE": "ru"},
        encoding=encoding,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u540d\\u524d 2" in done.stdout
    assert ("показать все команды" in done.stdout) == (encoding == "koi8-r")


def test_a_backup_is_restored_to_whom_it_belongs_without_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSENGER_PASSPHRASE", "a good one")
    file, data = tmp_path / "копия", tmp_path / "new"
    store = Store()
    Owner("Иван", "münchen.example", 7800, "tls").note_in(store)
    back_up(store, file, "a good one", lambda _done, _all: None)
    keys = TerminalPrompter(may_ask=False)

    chosen = choose_profile(Options(restore=file, data=data).start, keys)
    assert chosen is not None
    profile, record = chosen
    assert (record.account, record.address, record.port) == ("Иван", "münchen.example", 7800)
    bring_back(profile, file, keys)

    with pytest.raises(NoLogin, match=r"backup of Иван on münchen\.example:7800"):
        choose_profile(Options("other.example", restore=file, data=data).start, keys)


def test_another_key_of_the_server_is_taken_at_the_users_word_only(
    one_server: RunningServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """An invitation that names another one is refused, too."""
    right = fingerprint((one_server.data / "certificate.pem").read_bytes())
    wrong = "0" * 64

    def come(*arguments: str) -> int:
        return main([
            "chat", "--mode", "send", "127.0.0.1", str(one_server.port), "-n", "ключ", "--tls",
            "--data", str(tmp_path), *arguments,
        ])  # fmt: skip

    invitation = invite(one_server.data, one_server.port).partition("&key=")[0] + "&key="
    monkeypatch.setenv("MESSENGER_PASSWORD", PASSWORD)
    assert come("--invite", invitation + right) == 0
    assert come("--invite", invitation + wrong) == 2
    assert "another key than you were given" in capfd.readouterr().err
    assert come() == 0
    assert come("--trust", wrong) == 2
    assert come() == 2
    assert "another key than before" in capfd.readouterr().err
    assert come("--trust", "authority") == 2
    assert "No certificate authority confirms" in capfd.readouterr().err
    assert come("--trust", right) == 0
    assert come() == 0


def test_an_invitation_that_is_typed_says_all_that_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only where the server is, but also its key, and the right to register there."""
    link = "jim://host:7000?invite=abc&key=" + "0" * 64
    monkeypatch.setattr(sys, "stdin", io.StringIO(link + "\n"))
    asked = with_server(Options(name="Иван", mode="send").start, TerminalPrompter(may_ask=True))

    assert (asked.address, asked.port) == ("host", 7000)
    assert (asked.invite, asked.fingerprint) == ("abc", "0" * 64)


def test_an_invitation_may_come_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other user of the computer sees it."""
    data = tmp_path / "server"
    data.mkdir()
    (data / "messenger.toml").write_text("registration = 'invitation'\n", "utf-8")
    arguments = ["chat", "--mode", "send", "-n", "Иван", "--data", str(tmp_path / "client")]
    with running(data, "--limits", "off") as server:
        monkeypatch.setenv("MESSENGER_PASSWORD", PASSWORD)
        monkeypatch.setenv("MESSENGER_INVITE", invite(data, server.port))
        assert main(arguments) == 0
        monkeypatch.delenv("MESSENGER_INVITE")
        assert main([*arguments, "127.0.0.1", str(server.port)]) == 0


def test_no_other_program_reads_the_memory_of_a_client() -> None:
    script = (
        "import ctypes; from messenger.__main__ import main\n"
        "assert main(['chat', 'a..b']) == 2\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert done.stdout == "0\n", done.stderr
