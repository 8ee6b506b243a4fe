"""An examination of the server and its machine, as administrators order and read it."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Reply, Request
from messenger.jim.fields import Number

CheckLevel = Literal["ok", "warning", "failed"]
"""How good it is what a check has found."""


class DoctorCheck(Struct, omit_defaults=True, kw_only=True):
    """A check that was made: what was found, in how many seconds, and what to do about it."""

    name: str
    level: CheckLevel
    seconds: float
    text: str
    advice: str = ""


class Examination(Reply):
    """The reply to `admin_doctor`: the checks after those that are known, and whether more come.

    `number` tells the examination from others.
    """

    checks: list[DoctorCheck] = field(default_factory=list)
    running: bool = False
    number: Number = 0


class Examine(Request[Examination], tag="admin_doctor", kw_only=True):
    """Examine the server: `start` an examination, or join one that runs; then ask for its checks.

    `after` counts the checks that are known of the examination with this `number`.
    """

    answer = Examination
    start: bool = False
    number: Number = 0
    after: Number = 0
