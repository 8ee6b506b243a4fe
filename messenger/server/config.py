"""The server's settings in one dataclass: defaults < TOML file < environment < command line."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from platformdirs import user_data_path

from messenger.language import N_, _
from messenger.server.errors import CannotStart
from messenger.server.limits import Limits
from messenger.server.public_address import parse_address
from messenger.server.setting_values import Bounds, InvalidValue, convert, describe, show
from messenger.system_errors import reason_of

DEFAULT_PORT = 7777  # given by JIM
ENVIRONMENT_PREFIX = "MESSENGER_"

LIMITS_PREFIX = "limits."
"""What precedes the name of a limit where it stands beside other settings."""

_LIMITS_SWITCH = "MESSENGER_LIMITS"
# The client's variables, which may be set in the same shell.
_CLIENTS = (
    "MESSENGER_INVITE",
    "MESSENGER_PASSPHRASE",
    "MESSENGER_PASSWORD",
    "MESSENGER_RECOVERY_CODE",
)

_COUNTS = Bounds(1, 1_000_000_000)  # as good as no limit, and fits into a 32-bit column
_SECONDS = Bounds(0.001, 366 * 24 * 60 * 60)  # the resolution of the loop's clock; a year
_BOUNDS = {
    "port": Bounds(0, 65535),  # 16 bits in TCP (RFC 9293, 3.1); 0 is any free one
    "metrics_port": Bounds(0, 65535),  # the same; 0 is none
    "log_days": Bounds(1, 36_500),  # a century
    "message_days": Bounds(0, 36_500),  # the same; 0 is for ever
    "login_days": Bounds(0, 36_500),  # the same
    "backup_every": Bounds(0, 8784),  # hours of a year; 0 is never
    "backup_keep": Bounds(1, 10_000),  # hourly ones of a year
    "plain_pause": Bounds(0, 10),  # longer than plain clients wait for an answer
    "reading_threads": Bounds(1, 64),  # each has a database connection; PostgreSQL allows 100
    # The least holds a greeting; the most is what one object may use of a small machine's memory.
    "object_size": Bounds(1024, 64 * 1024 * 1024),
    "object_size_before_login": Bounds(256, 64 * 1024 * 1024),
}
# Characters: a title, a paragraph, and a notice that fits a terminal's screen.
_LENGTHS = {"name": 100, "description": 500, "message_of_the_day": 1000}
# The longest form of a character in JSON is a surrogate pair, two escapes of 6 bytes (RFC 8259, 7).
# Encrypted it is shorter: 6 bytes for a control character, 12 % of padding, base64.
_BYTES_OF_CHARACTER = 12
_BYTES_BESIDE_TEXT = 2048  # the other keys of a message, with names of 25 characters

Engine = Literal["auto", "uvloop", "epoll", "select"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class ConfigError(CannotStart):
    """A setting is invalid; the text says which one, and what to do."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that an operator can set.

    `data` is the directory of the database, the logs and the configuration; `database` a
    SQLAlchemy URL, by default the SQLite file there. `message_days` and `login_days` are how long
    messages and the login history are kept (0: for ever). `backup_directory` is by default
    `backups` in `data`, and `backup_every` in hours (0: never). `limits_on` false lifts all rate
    limits (not sizes, queues or rights): for tests and benchmarks only.
    """

    name: str = ""
    description: str = ""
    message_of_the_day: str = ""
    address: str = ""
    port: int = DEFAULT_PORT
    public_address: str = ""
    data: Path = msgspec.field(default_factory=lambda: user_data_path("messenger", False))
    database: str = ""
    engine: Engine = "auto"
    limits_on: bool = True
    log_level: LogLevel = "INFO"
    log_days: int = 14  # time to come back from holidays and look
    registration: Literal["open", "invitation", "closed"] = "open"
    # Without TLS passwords and texts would cross the network; a guest needs no password at all.
    guests: Literal["loopback", "any", "off"] = "loopback"
    plain: Literal["loopback", "any", "off"] = "loopback"
    certificate: Path | None = None
    private_key: Path | None = None
    message_days: int = 0  # what people have written is theirs: only an operator removes it
    login_days: int = 365  # addresses are personal data: long enough to look into an incident
    backup_directory: Path | None = None
    backup_every: float = 0
    backup_keep: int = 7  # a week, if they are made each day
    one_session_per_account: bool = False
    reply_to_messages: Literal["always", "auto"] = "always"
    contacts_alert: Literal["string", "list"] = "string"
    plain_pause: float = 0.05  # measured: plain clients lose two frames that one `recv` returns
    reading_threads: int = 2  # short queries go on while a long one runs
    # Off: whoever has no monitoring needs no further port. 9477 is not assigned to other exporters.
    metrics_port: int = 0
    metrics_address: str = "127.0.0.1"
    limits: Limits = Limits()


class Layers(NamedTuple):
    """The values of a run by their source: each source overrides those before it.

    The limits in the file have names such as `limits.message_burst`. `path` is the file, which may
    be missing.
    """

    path: Path
    file: dict[str, Any]
    environment: dict[str, Any]
    arguments: dict[str, Any]

    def settings(self) -> Settings:
        """Return the settings of the run; raises ConfigError if they contradict each other."""
        limits = {
            name.removeprefix(LIMITS_PREFIX): value
            for name, value in self.file.items()
            if name.startswith(LIMITS_PREFIX)
        }
        values = {name: value for name, value in self.file.items() if LIMITS_PREFIX not in name}
        values |= self.environment | self.arguments | {"limits": Limits(**limits)}
        settings = Settings(**values)
        _check(settings)
        return settings


def load_settings(
    arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings of this run.

    `arguments` are those given on the command line; its `config` names the TOML file, by default
    `messenger.toml` in the data directory, which may be missing. Raises ConfigError.
    """
    return read_layers(arguments, environment).settings()


def read_layers(
    arguments: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    text: str | None = None,
) -> Layers:
    """Return the same values by their source; `text` stands for the file's. Raises ConfigError."""
    by_environment, by_arguments = _from_environment(environment), _from_arguments(arguments)
    # The command line may name another file or directory than the environment.
    chosen = by_environment | by_arguments
    given = chosen.get("config")
    file = given or (chosen.get("data") or Settings().data) / "messenger.toml"
    found = _read(file, must_exist=given is not None) if text is None else _parse(text, file)
    for layer in (by_environment, by_arguments):
        layer.pop("config", None)
    return Layers(file, _from_file(found, file), by_environment, by_arguments)


def _from_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _value(name, value, "--" + name.replace("_", "-"))
        for name, value in arguments.items()
        if value is not None
    }


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the environment; an empty variable counts as not set."""
    known = {ENVIRONMENT_PREFIX + name.upper(): name for name in (*KINDS, "config")}
    del known[ENVIRONMENT_PREFIX + "LIMITS"]  # not the table of limits, but the switch `limits_on`
    found = {}
    for variable, text in environment.items():
        if not text or not variable.startswith(ENVIRONMENT_PREFIX) or variable in _CLIENTS:
            continue
        if variable == _LIMITS_SWITCH:
            switch = _converted(variable, text, Literal["on", "off"])
            found["limits_on"] = switch == "on"
        elif variable in known:
            found[known[variable]] = _value(known[variable], text, variable, strict=False)
        else:
            raise ConfigError(_unknown_variable(variable, [*known, _LIMITS_SWITCH, *_CLIENTS]))
    return found


def _from_file(found: dict[str, Any], file: Path) -> dict[str, Any]:
    limits = found.pop("limits", {})
    if not isinstance(limits, dict):
        raise ConfigError(_wrong("limits", limits, describe(Limits), file))
    values = _from_table(found, KINDS, file)
    of_limits = _from_table(limits, KINDS_OF_LIMITS, file)
    return values | {LIMITS_PREFIX + name: value for name, value in of_limits.items()}


def _from_table(table: dict[str, Any], kinds: dict[str, Any], file: Path) -> dict[str, Any]:
    for name in table:
        if name not in kinds:
            near = difflib.get_close_matches(name, kinds, 1)
            raise ConfigError(_unknown(name, str(file), *near))
    return {name: _value(name, value, name, file) for name, value in table.items()}


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        # Editors on Windows begin a file with a byte order mark, which TOML does not allow.
        return _parse(file.read_text("utf-8-sig"), file)
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            raise ConfigError(_("There is no configuration file {file}", file=file)) from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(file, error) from error


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: Exception) -> ConfigError:
    """Return the error for the operator for what reading the configuration has raised."""
    reason = reason_of(error)
    return ConfigError(
        _("The configuration {file} cannot be read: {reason}", file=file, reason=reason)
    )


def _value(
    name: str, value: object, shown: str, file: Path | None = None, *, strict: bool = True
) -> Any:
    """Return the value of a setting; `shown` is its name where it was set."""
    kind = Path if name == "config" else KINDS.get(name) or KINDS_OF_LIMITS[name]
    return _converted(shown, value, kind, file, bounds=bounds_of(name, kind), strict=strict)


def _converted(
    shown: str,
    value: object,
    kind: Any,
    file: Path | None = None,
    *,
    bounds: Bounds | None = None,
    strict: bool = True,
) -> Any:
    try:
        return convert(kind, value, bounds, strict=strict)
    except InvalidValue as error:
        raise ConfigError(_wrong(shown, value, str(error), file)) from error


def bounds_of(name: str, kind: Any) -> Bounds | None:
    """Return the bounds of a setting or a limit of this type; None if it is no number."""
    return _BOUNDS.get(name) or {int: _COUNTS, float: _SECONDS}.get(kind)


def check_value(name: str, value: object) -> Any:
    """Return the value of one setting as a start would read it from the file, or from text.

    A limit's name begins with `limits.`. Raises ConfigError, also for a name that does not exist.
    """
    bare = name.removeprefix(LIMITS_PREFIX)
    kinds = KINDS if bare == name else KINDS_OF_LIMITS
    if bare not in kinds or name == "limits":
        raise ConfigError(_unknown(name, "messenger.toml", *_near(name)))
    return _value(bare, value, name, strict=not isinstance(value, str))


def _near(name: str) -> list[str]:
    """Return the setting or limit with the most similar name, or nothing."""
    # Limits with and without their prefix: both are what somebody may write.
    full = {one: one for one in KINDS if one != "limits"}
    full |= {LIMITS_PREFIX + one: LIMITS_PREFIX + one for one in KINDS_OF_LIMITS}
    bare = {one: LIMITS_PREFIX + one for one in KINDS_OF_LIMITS}
    found = difflib.get_close_matches(name, [*full, *bare], 1)
    return [(full | bare)[one] for one in found]


def _wrong(name: str, value: object, allowed: str, file: Path | None = None) -> str:
    said = (
        N_("{name} must be {allowed}, not {value}")
        if file is None
        else N_("{name} in {file} must be {allowed}, not {value}")
    )
    return _(said, name=name, file=file, allowed=allowed, value=show(value))


def _unknown_variable(name: str, known: Iterable[str]) -> str:
    # The common prefix would make every name similar to every other.
    names = [variable.removeprefix(ENVIRONMENT_PREFIX) for variable in known]
    meant = name.removeprefix(ENVIRONMENT_PREFIX).upper()
    near = difflib.get_close_matches(meant, names, 1)
    return _unknown(name, _("environment"), *(ENVIRONMENT_PREFIX + found for found in near))


def _unknown(name: str, where: str, near: str | None = None) -> str:
    said = (
        N_("There is no setting {name} ({where}): did you mean {near}?")
        if near
        else N_("There is no setting {name} ({where}): remove it, or correct its name")
    )
    return _(said, name=name, where=where, near=near)


def _check(settings: Settings) -> None:
    for name, most in _LENGTHS.items():
        if len(getattr(settings, name)) > most:
            said = _("{name} may have at most {most} characters", name=name, most=most)
            raise ConfigError(said)
    if (settings.certificate is None) != (settings.private_key is None):
        raise ConfigError(_("certificate and private_key must be set together"))
    try:
        parse_address(settings.public_address or "localhost")
    except ValueError as error:
        raise ConfigError(
            _(
                "public_address must be a host name or an IP address, with :port if that differs, "
                "not {value}",
                value=show(settings.public_address),
            )
        ) from error
    _check_sizes(settings.limits)


def _check_sizes(limits: Limits) -> None:
    """Raise ConfigError unless the longest text fits into an object, escaped or encrypted."""
    least = limits.text_length * _BYTES_OF_CHARACTER + _BYTES_BESIDE_TEXT
    if limits.object_size < least:
        raise ConfigError(
            _(
                "object_size must be at least {least} for texts of {length} characters "
                "(text_length)",
                least=least,
                length=limits.text_length,
            )
        )


KINDS: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Settings)}
"""The type of each setting."""

KINDS_OF_LIMITS: dict[str, Any] = {
    field.name: field.type for field in msgspec.structs.fields(Limits)
}
"""The type of each limit."""

ENGINES: tuple[str, ...] = get_args(Engine)
LOG_LEVELS: tuple[str, ...] = get_args(LogLevel)
