"""Each setting: its group, what it is for, its unit, and when a change takes effect."""

from typing import Literal, NamedTuple

from messenger.language import N_, say
from messenger.server.config import KINDS, KINDS_OF_LIMITS, LIMITS_PREFIX

Group = Literal[
    "identity", "network", "accounts", "storage", "retention", "log", "clients", "limits"
]
Unit = Literal["", "seconds", "hours", "days", "bytes", "characters"]


class Entry(NamedTuple):
    """What an operator has to know about a setting.

    A change `at_once` needs no restart: the server only has to reload.
    """

    group: Group
    description: str
    unit: Unit = ""
    at_once: bool = False


def entry(name: str, language: str | None = None) -> Entry:
    """Return the entry of a setting or limit that exists, in a language (the user's own)."""
    limit = name.removeprefix(LIMITS_PREFIX)
    if limit == name:
        found = _SETTINGS[name]
        return found._replace(description=say(found.description, {}, language))
    for ending, (said, unit) in _RATES.items():
        what = _LIMITED_RATES.get(limit.removesuffix(ending))
        if limit.endswith(ending) and what is not None:
            filled = say(said, {"what": say(what, {}, language)}, language)
            return Entry("limits", filled, unit)
    description, unit = _LIMITS[limit]
    return Entry("limits", say(description, {}, language), unit)


def names() -> list[str]:
    """Return the names of all settings and limits, those of a group together."""
    return [*_SETTINGS, *(LIMITS_PREFIX + name for name in KINDS_OF_LIMITS)]


def at_once() -> frozenset[str]:
    """Return the names of the settings that a running server can take over."""
    return frozenset(name for name, found in _SETTINGS.items() if found.at_once)


_SETTINGS = {
    "name": Entry("identity", N_("the server's name, as people call it"), at_once=True),
    "description": Entry("identity", N_("what the server is for, and for whom"), at_once=True),
    "message_of_the_day": Entry("identity", N_("a notice for everybody who logs in"), at_once=True),
    "public_address": Entry(
        "identity",
        N_("host name or IP address at which others reach the server, perhaps with :port"),
        at_once=True,
    ),
    "certificate": Entry(
        "identity",
        N_("PEM file of the certificate; without one the server makes its own"),
        at_once=True,
    ),
    "private_key": Entry(
        "identity", N_("PEM file of the certificate's key, without a passphrase"), at_once=True
    ),
    "address": Entry("network", N_("IP address to listen on; empty: all of them")),
    "port": Entry("network", N_("TCP port to listen on; 0: any free one")),
    "plain": Entry("network", N_("who may connect without TLS"), at_once=True),
    "plain_pause": Entry(
        "network", N_("pause between two objects for clients that send no newlines"), "seconds"
    ),
    "engine": Entry("network", N_("event loop")),
    "metrics_port": Entry("network", N_("TCP port of metrics and health; 0: none")),
    "metrics_address": Entry(
        "network", N_("IP address on which that port listens; empty: all of them")
    ),
    "registration": Entry("accounts", N_("who may create an account"), at_once=True),
    "guests": Entry("accounts", N_("who may log in without a password"), at_once=True),
    "one_session_per_account": Entry(
        "accounts", N_("refuse a second login of an account"), at_once=True
    ),
    "data": Entry("storage", N_("directory of the database, the logs and the key")),
    "database": Entry("storage", N_("URL of the database; empty: an SQLite file in the directory")),
    "reading_threads": Entry("storage", N_("threads that read the database")),
    "backup_directory": Entry(
        "storage", N_("directory of the backups; empty: backups in the directory of the server")
    ),
    "backup_every": Entry("storage", N_("time from one backup to the next; 0: none"), "hours"),
    "backup_keep": Entry("storage", N_("how many backups are kept")),
    "message_days": Entry(
        "retention",
        N_("how long messages are kept; older ones are removed for good; 0: for ever"),
        "days",
        at_once=True,
    ),
    "login_days": Entry(
        "retention", N_("how long the login history is kept; 0: for ever"), "days", at_once=True
    ),
    "log_level": Entry("log", N_("what is written to the log"), at_once=True),
    "log_days": Entry("log", N_("how long log files are kept"), "days"),
    "reply_to_messages": Entry("clients", N_("whether messages of guests are answered")),
    "contacts_alert": Entry(
        "clients", N_("form of the list of contacts for clients of plain JIM"), at_once=True
    ),
    "limits_on": Entry("limits", N_("rate limits; off for tests only")),
}

_RATES: dict[str, tuple[str, Unit]] = {
    "_burst": (N_("{what}: how many at once"), ""),
    "_interval": (N_("{what}: time until one more is allowed"), "seconds"),
}
_LIMITED_RATES = {
    "login": N_("logins from an address"),
    "guest": N_("logins of guests from an address"),
    "message": N_("messages of an account"),
    "request": N_("other requests of an account"),
    "register": N_("new accounts from an address"),
    "claim": N_("one-time keys of a device claimed by an account"),
    "backup": N_("requests of an account for its key backup"),
    "reset": N_("replacements of an account's identity"),
    "new_room": N_("new rooms of an account"),
    "report": N_("reports of an account"),
    "reported": N_("reports about one account or room that are stored with messages"),
}
_LIMITS: dict[str, tuple[str, Unit]] = {
    "object_size": (N_("largest request"), "bytes"),
    "object_size_before_login": (N_("largest request before the login"), "bytes"),
    "text_length": (N_("longest text of a message"), "characters"),
    "login_timeout": (N_("time to log in after connecting"), "seconds"),
    "unauthenticated": (N_("connections without a login"), ""),
    "unauthenticated_per_address": (N_("connections without a login from one address"), ""),
    "connections": (N_("connections"), ""),
    "failures": (N_("failed logins from an address before it is refused"), ""),
    "failures_pause": (N_("how long such an address is refused"), "seconds"),
    "waiting_passwords": (N_("passwords that wait to be checked"), ""),
    "devices": (N_("devices of an account"), ""),
    "to_device_queue": (N_("queued to-device messages of a device"), ""),
    "to_device_per_sender": (N_("queued to-device messages from one account"), ""),
    "to_device_bytes_per_sender": (
        N_("size of queued to-device messages from one account"),
        "bytes",
    ),
    "key_backups": (N_("session keys in an account's backup"), ""),
    "room_members": (N_("members of a room"), ""),
    "rooms": (N_("rooms of an account"), ""),
    "blocks": (N_("users whom an account has blocked"), ""),
    "open_reports": (N_("open reports of an account"), ""),
    "typing_max_members": (N_("members up to which a room has typing notices"), ""),
    "receipts_max_members": (N_("members up to which a room has receipts"), ""),
    "pipelined_messages": (N_("unanswered messages of a connection"), ""),
    "waiting_requests": (N_("waiting requests of a connection"), ""),
    "write_buffer_bytes": (N_("unsent data for a slow connection"), "bytes"),
    "write_buffer_frames_plain": (
        N_("unsent objects for a slow connection that sends no newlines"),
        "",
    ),
    "backlog": (N_("missed messages of a conversation that clients of plain JIM get"), ""),
    "probe_interval": (N_("pause between two probes of a silent connection"), "seconds"),
    "probes_missed": (N_("unanswered probes before a connection is closed"), ""),
}

assert set(_SETTINGS) == set(KINDS) - {"limits"}, "each setting needs an entry"
