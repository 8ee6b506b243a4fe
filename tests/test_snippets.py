"""Every command and program in the documentation runs as it is printed, against a real server.

Only these are replaced: `ADDRESS`, the addresses of examples and the default port, which may be in
use on this machine, by those of the test's server; `/var/lib/messenger` and `/backup` by
directories of the test.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from messenger.command_arguments import Programs, make_parser
from messenger.command_line import CommandLineParser
from tests.console.terminal import Terminal
from tests.documents import PAGES, Block, blocks, read
from tests.forking import ROOT
from tests.names import DIRECTORY
from tests.running import PASSWORD, RunningServer, Talker, running, until

NOT_RUN = {
    "README.md": 1,  # `make run`, `make test`
    "docs/guide.md": 3,  # `make run`; usage
    "docs/operating.md": 1,  # usage
}
RUSSIAN = {"АДРЕС": "ADDRESS", "ПОРТ": "PORT", "ИМЯ": "NAME", "привет": "hi"}


class Reader:
    """Somebody who follows the instructions of a page, in a directory with the program."""

    def __init__(self, server: RunningServer, directory: Path) -> None:
        self.server = server
        self.directory = directory
        directory.mkdir(parents=True)
        for name in ("client.py", "server.py", "examples"):
            (directory / name).symlink_to(ROOT / name)
        (directory / ".venv").symlink_to(sys.prefix)
        (directory / "backup").mkdir()
        # Bots connect to the test's server by default.
        (directory / "sitecustomize.py").write_text(
            "from messenger.sdk.bot import Bot\n"
            f"Bot.__init__.__kwdefaults__['port'] = {server.port}\n"
        )
        self.environment = {
            **{name: value for name, value in os.environ.items() if "MESSENGER" not in name},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "MESSENGER_PORT": "0",
        }

    def begin(self, page: str) -> None:
        """Begin a page with an empty home directory: each page stands alone."""
        self.home = self.directory / "home" / page
        self.home.mkdir(parents=True)
        self.environment |= {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data")}

    def do(self, block: Block) -> None:
        """Run the block as its directive says."""
        directive, _colon, what = block.directive.partition(": ")
        if block.kind == "python":
            self._write(block.text)
        if directive == "terminal":
            self._at_a_terminal(block.text, what)
        elif directive == "until it shows":
            self._until(self._words(block), what)
        elif directive.endswith(" is asked"):
            self._ask(self._words(block), directive.removesuffix(" is asked"), what)
        elif directive.startswith("typed"):
            self._type(block.text)
        else:
            done = subprocess.run(self._words(block), **self._options, timeout=90)
            assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"

    @property
    def _options(self) -> dict[str, object]:
        return {
            "cwd": self.directory,
            "env": {**self.environment, "PYTHONPATH": str(self.directory)},
            "text": True,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
        }

    def _write(self, text: str) -> None:
        file = self.directory / "test_program.py"
        file.write_text(text.replace("7777", str(self.server.port)), "utf-8")

    def _words(self, block: Block) -> list[str]:
        if block.kind == "python":
            tested = "def test_" in block.text
            return [sys.executable, *(["-m", "pytest", "-q"] if tested else []), "test_program.py"]
        return ["bash", "-euo", "pipefail", "-c", self._command(block.text)]

    def _command(self, text: str) -> str:
        """Return the command with the address and the directories of the test."""
        address = f"127.0.0.1 {self.server.port}"
        text = re.sub(r"\b(ADDRESS|127\.0\.0\.1|192\.0\.2\.1)\b", address, text)
        text = text.replace("messenger invite", f"messenger invite -p {self.server.port}")
        if shutil.which("jq") is None:
            text = text.partition(" | jq")[0]
        return text.replace("/var/lib/messenger/", "../server/").replace("/backup/", "backup/")

    def _at_a_terminal(self, text: str, shown: str) -> None:
        words = self._command(text).replace("messenger chat", "-m messenger chat").split()
        words = words[words[0] in ("python", "python3") :]
        with Terminal(data=self.home, program=" ".join(words)) as terminal:
            terminal.expect(shown)

    def _type(self, text: str) -> None:
        (self.home / "password").write_text(PASSWORD)
        login = ("-n", "typist", "--register", "--password-file", str(self.home / "password"))
        arguments = ("127.0.0.1", str(self.server.port), *login)
        with Terminal(*arguments, data=self.home) as terminal:
            for line in text.splitlines():
                prompt, typed = line.split("> ", 1)
                terminal.expect(f"{prompt}>")
                terminal.type(typed)

    def _until(self, words: list[str], shown: str) -> None:
        with self._going_on(words) as said, Talker(self.server.port) as client:
            client.guest("speaker")

            def is_shown() -> bool:
                client.ask("msg", to="#all", message="hi")
                return any(shown in line for line in said)

            until(is_shown, 120)

    def _ask(self, words: list[str], to: str, what: str) -> None:
        question, answer = what.split(" -> ")
        with self._going_on(words), Talker(self.server.port) as ann:
            ann.guest("ann")
            if to.startswith("#"):
                assert ann.ask("join", room=to)["response"] == 200
                until(lambda: len(ann.ask("members", room=to)["people"]) == 2, 60)
            # A bot does not answer messages from before its login, so they are repeated.
            until(lambda: ann.is_answered(to, question, answer), 60)

    @contextmanager
    def _going_on(self, words: list[str]) -> Iterator[list[str]]:
        """Run a command that does not end by itself; yield the list of lines that it writes."""
        said: list[str] = []
        with subprocess.Popen(words, **self._options) as process:
            reading = threading.Thread(target=_collect, args=(process.stdout, said), daemon=True)
            reading.start()
            try:
                yield said
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                reading.join()


def _collect(lines: Iterable[str], said: list[str]) -> None:
    for line in lines:
        said.append(line)  # noqa: PERF402  one by one, as they arrive


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader with a server of their own, without the rooms of other pages."""
    directory = tmp_path_factory.mktemp("docs") / DIRECTORY
    with running(directory / "server", "--limits", "off") as server:
        yield Reader(server, directory / "clone")


@pytest.mark.long
@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/protocol.md"])
def test_the_instructions_of_a_page_work(reader: Reader, page: str) -> None:
    found = blocks(page)
    runnable = [block for block in found if not block.directive.startswith("not run")]

    assert len(found) - len(runnable) == NOT_RUN.get(page, 0)
    reader.begin(page)
    for block in runnable:
        reader.do(block)


def test_the_plain_client_of_thirty_lines_works(reader: Reader) -> None:
    arguments = ("Иван", "127.0.0.1", str(reader.server.port))
    with (
        Talker(reader.server.port) as ann,
        subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / "plain_client.py"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as client,
    ):
        ann.guest("ann")
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write("привет\n")
        client.stdin.flush()
        assert ann.event("msg")["message"] == "привет"
        ann.send("msg", to="#all", message="\x1b[2Jhello")
        assert client.stdout.readline() == "ann: [2Jhello\n"
        client.stdin.close()
        assert client.wait(60) == 0


def test_the_russian_guide_shows_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        return [
            " ".join(RUSSIAN.get(word, word) for word in re.findall(r"[\w.]+|\S", block.text))
            for block in blocks(page)
            if not block.directive.startswith("typed")
        ]

    assert commands("docs/ru/guide.md") == commands("docs/guide.md")


# --- options -----------------------------------------------------------------------------------


OF_EVERY_PROGRAM = {"--help", "--version"}


def _nothing(_options: argparse.Namespace) -> int:
    return 0


def options() -> dict[str, set[str]]:
    """Return the long options of each command, as `--help` shows them."""
    (commands,) = [
        one
        for one in make_parser(Programs(*[_nothing] * len(Programs._fields)))._actions
        if isinstance(one.choices, dict)
    ]
    return {name: set(_options_of(parser)) for name, parser in commands.choices.items()}


def _options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Return the options of a command, and of the commands below it."""
    if isinstance(parser, CommandLineParser):
        parser.fill()
    for action in parser._actions:
        for option in action.option_strings:
            if option.startswith("--") and option not in OF_EVERY_PROGRAM:
                yield option
        if isinstance(action.choices, dict):
            for below in action.choices.values():
                yield from _options_of(below)


@pytest.mark.parametrize(
    ("page", "commands"),
    [
        ("docs/guide.md", ["chat", "run"]),
        ("docs/ru/guide.md", ["chat", "run"]),
        ("docs/operating.md", ["server", "invite", "config", "doctor", "log"]),
        ("docs/desktop.md", ["desktop"]),
    ],
)
def test_every_option_is_documented(page: str, commands: list[str]) -> None:
    text, short = read(page), {"--name": "-n", "--port": "-p", "--address": "-a"}

    for command in commands:
        for option in options()[command]:
            assert re.search(rf"(?<![\w-]){short.get(option, option)}\b", text), (command, option)


def test_every_option_that_is_named_exists() -> None:
    others = {"--reuse-key"}  # certbot's
    known = {*OF_EVERY_PROGRAM, *others}.union(*options().values())

    for page in (*PAGES, "docs/ru/guide.md", "docs/encryption.md"):
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", read(page))) <= known, page
