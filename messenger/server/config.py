"""The server's settings in one dataclass: defaults < TOML file < environment < command line."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from platformdirs import user_data_path

from messenger.language import _

DEFAULT_PORT = 7777
ENVIRONMENT_PREFIX = "MESSENGER_"

Engine = Literal["auto", "uvloop", "epoll", "select"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ConfigError(Exception):
    """A setting that cannot be used; the text says which one, and what to do."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one client may ask of the server; sizes in bytes, times in seconds.

    Rates are given as how many at once (`..._burst`) and how many seconds until the next one
    (`..._interval`).
    """

    object_size: int = 64 * 1024
    object_size_before_login: int = 4 * 1024
    text_length: int = 16_000
    login_timeout: float = 10
    unauthenticated: int = 1_000
    unauthenticated_per_address: int = 20
    connections: int = 20_000
    login_burst: int = 5
    login_interval: float = 20
    failures: int = 20
    failures_pause: float = 15 * 60
    message_burst: int = 60
    message_interval: float = 0.1
    request_burst: int = 100
    request_interval: float = 0.05
    waiting_passwords: int = 256
    register_burst: int = 5
    register_interval: float = 60
    devices: int = 10
    claim_burst: int = 6
    claim_interval: float = 10 * 60
    letters: int = 10_000
    key_backups: int = 100_000
    room_members: int = 1_000
    told_of_typing: int = 100
    told_of_marks: int = 100
    in_flight: int = 256
    waiting_requests: int = 256
    unsent: int = 1024 * 1024
    unsent_frames_plain: int = 200
    backlog: int = 1_000
    probe_interval: float = 60
    probes_missed: int = 2


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that an operator can set.

    `data` is the directory of the database, the logs and the configuration; `database` a
    SQLAlchemy URL, by default the SQLite file there. `limits_on` lifts, where it is false, what
    counts per time (not sizes, queues or rights): for tests and benchmarks only.
    """

    address: str = ""
    port: int = DEFAULT_PORT
    public_address: str = ""
    data: Path = msgspec.field(default_factory=lambda: user_data_path("messenger", False))
    database: str = ""
    engine: Engine = "auto"
    limits_on: bool = True
    log_level: LogLevel = "INFO"
    log_days: int = 14
    registration: Literal["open", "invitation", "closed"] = "open"
    guests: Literal["loopback", "any", "off"] = "loopback"
    plain: Literal["loopback", "any", "off"] = "loopback"
    certificate: Path | None = None
    private_key: Path | None = None
    one_session_per_account: bool = False
    reply_to_messages: Literal["always", "auto"] = "always"
    contacts_alert: Literal["string", "list"] = "string"
    plain_pause: float = 0.05
    reading_threads: int = 2
    limits: Limits = Limits()


def load_settings(
    arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings of this run.

    `arguments` are those given on the command line; its `config` names the TOML file, by default
    `messenger.toml` in the data directory, which may be missing. Raises ConfigError.
    """
    values = _from_environment(environment) | {
        name: value for name, value in arguments.items() if value is not None
    }
    given = values.pop("config", None)
    data = Path(values.get("data") or Settings().data)
    file = Path(given) if given else data / "messenger.toml"
    settings = _merge(_from_file(file, must_exist=given is not None), values, file)
    _check(settings)
    return settings


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    names = {*Settings.__struct_fields__, "config"} - {"limits"}
    found = {name: environment.get(ENVIRONMENT_PREFIX + name.upper()) for name in names}
    found["limits_on"] = {"on": "true", "off": "false"}.get(
        environment.get(ENVIRONMENT_PREFIX + "LIMITS", ""), found["limits_on"]
    )
    return {name: value for name, value in found.items() if value}


def _from_file(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            raise ConfigError(_("There is no configuration file {file}", file=file)) from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            _("The configuration {file} cannot be read: {reason}", file=file, reason=error)
        ) from error


def _merge(from_file: dict[str, Any], over: dict[str, Any], file: Path) -> Settings:
    try:
        msgspec.convert(from_file, Settings, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigError(
            _("The configuration {file} is wrong: {reason}", file=file, reason=error)
        ) from error
    try:
        return msgspec.convert(from_file | over, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigError(_("A setting is wrong: {reason}", reason=error)) from error


def _path(kind: type, value: Any) -> Any:
    """Make a path of what TOML and the environment write as text."""
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise TypeError(f"{value!r} is no path")


def _check(settings: Settings) -> None:
    if (settings.certificate is None) != (settings.private_key is None):
        raise ConfigError(_("A certificate needs its private_key, and a key its certificate"))
    if not 0 <= settings.port <= 65535:
        raise ConfigError(_("The port is a number from 0 to 65535, not {port}", port=settings.port))
    for name in Limits.__struct_fields__:
        if getattr(settings.limits, name) <= 0:
            raise ConfigError(_("The limit {name} is above 0", name=name))


ENGINES: tuple[str, ...] = get_args(Engine)
LOG_LEVELS: tuple[str, ...] = get_args(LogLevel)
