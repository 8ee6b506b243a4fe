"""The words for what a server calls by tags: roles, states of accounts, checks, what they found."""

from collections.abc import Mapping

from messenger.language import N_, _

_ROLES = {"user": N_("user"), "administrator": N_("administrator")}
_STATES = {"active": N_("active"), "blocked": N_("blocked"), "removed": N_("removed")}
_LEVELS = {"ok": N_("ok"), "warning": N_("warning"), "failed": N_("failed")}
_CHECKS = {
    "settings": N_("Settings"),
    "port": N_("Port"),
    "public_address": N_("Public address"),
    "tls": N_("TLS"),
    "certificate": N_("Certificate"),
    "round_trip": N_("A message there and back"),
    "clock": N_("Clock"),
    "disk": N_("Disk"),
    "database": N_("Database"),
    "integrity": N_("Integrity of the database"),
    "rights": N_("Rights of files"),
    "open_files": N_("Open files"),
    "log": N_("Log"),
}


def role_name(role: str) -> str:
    """Return what an account may do."""
    return _words(_ROLES, role)


def account_state_name(state: str) -> str:
    """Return whether an account may be used."""
    return _words(_STATES, state)


def level_name(level: str) -> str:
    """Return how good it is what a check has found."""
    return _words(_LEVELS, level)


def check_name(name: str) -> str:
    """Return what a check of the doctor has looked at."""
    return _words(_CHECKS, name)


def _words(known: Mapping[str, str], tag: str) -> str:
    """Return the words for a tag; that of a newer server stays as it is."""
    return _(known[tag]) if tag in known else tag
