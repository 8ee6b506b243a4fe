"""Settings of the server, as administrators see, change and check them."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from messenger.jim.admin.doctor import CheckLevel
from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name

SettingValue = str | int | float | bool | None
"""The value of a setting; None stands for its default."""

SettingKind = Literal["text", "path", "whole number", "number", "switch", "choice"]
"""What a setting is."""

SettingSource = Literal["default", "file", "environment", "command line"]
"""Where a value comes from; each one overrides those before it."""

Effect = Literal["now", "restart", "start"]
"""When a change counts: now, after a restart, or at the next start of what does not run."""


class SettingEntry(Struct, omit_defaults=True, kw_only=True):
    """A setting: `value` is what a start would use now; passwords are `***`.

    `running` is the value of the running server, where it differs. A change takes effect
    `at_once`, or at the next start. One that is `local_only` names files of the server's machine:
    only the operator there may change it. `in_file` tells whether the file has a value.
    """

    name: str
    group: str
    description: str
    kind: SettingKind
    value: SettingValue
    default: SettingValue
    source: SettingSource = "default"
    in_file: bool = False
    at_once: bool = False
    local_only: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    running: SettingValue | UnsetType = UNSET


class ServerSettings(Reply):
    """The reply to `admin_settings`; `file` is that of the settings, which may be missing.

    `waiting` names the settings that a restart of the running server would change.
    """

    settings: list[SettingEntry] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    file: str = ""


class ReadSettings(Request[ServerSettings], tag="admin_settings", kw_only=True):
    """Request all settings, in the order in which they are shown."""

    answer = ServerSettings


class SettingChange(Struct, omit_defaults=True, kw_only=True):
    """A changed setting: its values in the file before and after; passwords are `***`.

    `overridden_by` is the source that hides the file's value, if one does.
    """

    name: str
    before: SettingValue = None
    after: SettingValue = None
    effect: Effect
    overridden_by: str = ""


class ChangedSettings(Reply):
    """The reply to `admin_set`; `problem` says what the running server has refused afterwards."""

    changes: list[SettingChange] = field(default_factory=list)
    problem: str = ""


class ChangeSettings(Request[ChangedSettings], tag="admin_set", kw_only=True):
    """Save new values, all or none, once a start would accept them; null removes one.

    A value may be text, as on a command line.
    """

    answer = ChangedSettings
    changes: dict[Name, SettingValue]

    # A representation may reach a log: the URL of a database has a password.
    def __repr__(self) -> str:
        return "ChangeSettings()"


class CheckFinding(Struct, omit_defaults=True):
    """What a check has found about its subject, such as `settings`, `schema` or `rights`."""

    subject: str
    level: CheckLevel
    text: str


class CheckedDatabase(Reply):
    """The reply to `admin_test_db`."""

    findings: list[CheckFinding] = field(default_factory=list)


class CheckDatabase(Request[CheckedDatabase], tag="admin_test_db", kw_only=True):
    """Check whether a server could run on the database at this URL; nothing is changed.

    Without a URL: whether one could start with the settings, and on their database.
    """

    answer = CheckedDatabase
    database: Annotated[str, Meta(max_length=1_000)] = ""

    # A representation may reach a log.
    def __repr__(self) -> str:
        return "CheckDatabase()"


class Certificate(Reply):
    """The reply to `admin_certificate`; times are unix times.

    `names` are those for which it was issued. `is_own` tells that the server has made it: clients
    know the key by its `fingerprint` then, and it can be renewed.
    """

    file: str = ""
    fingerprint: str = ""
    names: tuple[str, ...] = ()
    issuer: str = ""
    not_before: float = 0
    not_after: float = 0
    is_own: bool = False


class ReadCertificate(Request[Certificate], tag="admin_certificate", kw_only=True):
    """Request what the server's certificate says."""

    answer = Certificate


class RenewCertificate(Request[Certificate], tag="admin_renew", kw_only=True):
    """Replace the certificate that the server has made by one for ten years; its key stays."""

    answer = Certificate
