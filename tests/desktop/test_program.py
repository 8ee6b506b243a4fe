"""The whole program in a process of its own: it starts, is brought to the front, and ends."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from messenger.desktop.single_instance import bring_to_front
from messenger.sdk.profiles import Profile, Profiles
from tests.console.test_end import nobody
from tests.forking import Python, run
from tests.running import RunningServer, Talker, until

PASSWORD = "a long enough password"


class Programs:
    """Starts programs with one data directory, and ends them."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self._environment = environment
        self._started: list[Python] = []

    def start(self, command: str, *words: str, **variables: str) -> Python:
        """Start one: `start("desktop", "127.0.0.1")`."""
        environment = {**self._environment, **variables}
        words = ("-m", "messenger", command, "--data", str(self.data), *words)
        self._started.append(Python(*words, env=environment))
        return self._started[-1]

    def profile(self, port: int, account: str) -> Profile:
        """The profile of an account."""
        return Profiles(self.data).of("127.0.0.1", port, account)

    def is_confirmed(self, port: int, account: str) -> bool:
        """Whether the server has let the account in."""
        record = self.profile(port, account).record
        return record is not None and record.confirmed

    def wait_for_window(self, profile: Profile) -> None:
        """Wait until a program shows the window of this profile."""
        until(lambda: bring_to_front(profile.directory), 60)

    def close(self) -> None:
        for one in self._started:
            if one.poll() is None:
                one.kill()
            one.close_pipes()
            one.wait()


@pytest.fixture
def programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    runtime = tmp_path_factory.mktemp("r")
    runtime.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    found = Programs(tmp_path, {**os.environ, "LANGUAGE": "en", "MESSENGER_PASSWORD": PASSWORD})
    yield found
    found.close()


def logs_in(port: int, account: str) -> bool:
    """Tell whether the account exists, with the password that was given."""
    with Talker(port) as link:
        return bool(link.log_in(account, PASSWORD)["response"] == 200)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_cleanly(
    programs: Programs, server: RunningServer, name: Callable[[str], str], number: int
) -> None:
    anna = name("anna")
    words = ("127.0.0.1", str(server.port), "-n", anna, "--register")
    program = programs.start("desktop", *words)
    profile = programs.profile(server.port, anna)
    programs.wait_for_window(profile)

    second = programs.start("desktop", *words)
    assert second.wait(60) == 0, "the first is brought to the front"
    assert program.poll() is None

    until(lambda: programs.is_confirmed(server.port, anna), 60)
    program.send_signal(number)

    _output, error = program.communicate(timeout=60)
    assert program.returncode == 128 + number
    assert "Traceback" not in error
    log = "".join(file.read_text("utf-8") for file in (profile.directory / "log").glob("*"))
    assert "Traceback" not in log
    assert profile.claim(), "nobody holds it any more"
    profile.release()
    assert logs_in(server.port, anna)


def test_a_profile_that_another_program_has_is_told(
    programs: Programs, server: RunningServer, name: Callable[[str], str]
) -> None:
    anna = name("anna")
    profile = programs.profile(server.port, anna)
    profile.set_up("127.0.0.1", server.port, anna)
    assert profile.claim()

    program = programs.start("desktop", "127.0.0.1", str(server.port), "-n", anna, "--register")
    assert program.stderr is not None
    line = program.stderr.readline()
    while line and "another window" not in line:
        line = program.stderr.readline()
    program.terminate()

    assert "is open in another window already" in line
    assert program.wait(60) == 128 + signal.SIGTERM
    profile.release()


def test_messenger_run_opens_a_window_where_there_is_a_screen(programs: Programs) -> None:
    port = nobody()
    # Windows need no display on this platform of Qt: the variable is what is looked at.
    program = programs.start("run", "-p", str(port), "-n", "anna", DISPLAY=":4711")
    programs.wait_for_window(programs.profile(port, "anna"))

    until(lambda: programs.is_confirmed(port, "anna"), 60)
    assert logs_in(port, "anna")
    program.terminate()

    program.communicate(timeout=60)
    assert program.returncode == 128 + signal.SIGTERM
    with pytest.raises(ConnectionRefusedError):
        Talker(port)


@pytest.mark.parametrize("words", [("--lines",), ("--console",)])
def test_messenger_run_stays_in_the_terminal_if_that_is_wanted(
    programs: Programs, words: tuple[str, ...]
) -> None:
    program = programs.start("run", "-p", str(nobody()), "-n", "anna", *words, DISPLAY=":4711")

    output, _error = program.communicate(timeout=60)

    assert program.returncode == 0
    assert "The server has stopped." in output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("127.0.0.1", "99999"), "from 1 to 65535"),
        (("--to", "#a b"), "--to:"),
        (("--profile", " "), "--profile must not be empty"),
        (("--restore", "/nowhere"), "There is no file"),
        (("--trust", "abc"), "fingerprint"),
    ],
)
def test_options_are_checked_before_a_window_opens(
    programs: Programs, words: tuple[str, ...], said: str
) -> None:
    program = programs.start("desktop", *words)

    _output, error = program.communicate(timeout=60)

    assert program.returncode == 2
    assert said in error
    assert error.count("\n") == 1


def test_without_a_display_there_is_a_sentence(programs: Programs) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = run("-m", "messenger", "desktop", "--data", str(programs.data), env=environment)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "DISPLAY" in done.stderr
