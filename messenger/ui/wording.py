"""Words for messages, people, rooms and states: the same in every user interface."""

import time
from datetime import MAXYEAR, MINYEAR
from typing import NamedTuple

from messenger.jim.names import EVERYONE, same_key
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.sdk.client import Client
from messenger.sdk.events import ConnectionState, Emptiness
from messenger.sdk.invitation import DEFAULT_PORT
from messenger.sdk.results import LoginRecord, Person, Room
from messenger.sdk.store import (
    ConversationSummary,
    IdentityTrust,
    MessageSecurity,
    MessageState,
    StoredMessage,
)
from messenger.ui.errors import explain

_SECURITY_TEXTS: dict[MessageSecurity, str] = {
    MessageSecurity.WAITING: N_("(encrypted: waiting for the key)"),
    MessageSecurity.BEFORE: N_("(sent before you joined)"),
    MessageSecurity.EARLIER: N_("(sent before this device was added)"),
    MessageSecurity.UNSIGNED: N_("(hidden: sent from a device that is not verified)"),
    MessageSecurity.UNAPPROVED: N_("(encrypted: approve this device to read it)"),
    MessageSecurity.INVALID: N_("(failed verification: hidden)"),
    MessageSecurity.BLOCKED: N_("(hidden: you have blocked the sender)"),
}


_TRUST_NAMES: dict[IdentityTrust, str] = {
    IdentityTrust.UNVERIFIED: N_("not verified"),
    IdentityTrust.VERIFIED: N_("verified"),
    IdentityTrust.CHANGED: N_("changed!"),
}


_CONNECTION_STATES: dict[ConnectionState, str] = {
    ConnectionState.OFFLINE: N_("offline"),
    ConnectionState.CONNECTING: N_("connecting"),
    ConnectionState.HANDSHAKE: N_("connecting"),
    ConnectionState.ONLINE: N_("online"),
    ConnectionState.REFUSED: N_("login refused"),
    ConnectionState.CLOSED: N_("closed"),
}


class _StateWords(NamedTuple):
    """The state of a message as a symbol, and in words, untranslated."""

    mark: str
    text: str


_MESSAGE_STATES: dict[MessageState, _StateWords] = {
    MessageState.UNSENT: _StateWords("…", N_("queued")),
    MessageState.SENT: _StateWords("✓", N_("✓ sent")),
    MessageState.DELIVERED: _StateWords("✓✓", N_("✓✓ delivered")),
    MessageState.READ: _StateWords("✓✓", N_("✓✓ read")),
    MessageState.FAILED: _StateWords("✗", N_("✗ not sent")),
    MessageState.RECEIVED: _StateWords("", ""),
}

_DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"),
    N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip

_PREVIEW = 60
_MOST_OF_NAME = 100
"""No honest server has such a name; laying out one of 30,000 letters takes seconds."""
_MARKS = frozenset('→←*✔✓✗!:()"«»“”')
# Programs call their own user so, in each language of Messenger.
ONESELF = frozenset({"you", "вы"})


def shown_name(name: str) -> str:
    """Return a name as it is shown: in quotation marks if it looks like more than a name.

    So nobody can pose as `you`, `ann ✔` or `ann (guest)` by choosing that name.
    """
    shown = visible(name if len(name) <= _MOST_OF_NAME else f"{name[:_MOST_OF_NAME]}…")
    if _MARKS.isdisjoint(shown) and same_key(name) not in ONESELF:
        return shown
    return f"“{shown}”"


def when(moment: float) -> str:
    """Return a time (unix time) with its date; without if that is today."""
    then = local_time(moment)
    if then is None:
        return "--:--"
    today = time.localtime()
    same = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M" if same else "%Y-%m-%d %H:%M", then)


def clock_time(moment: float) -> str:
    """Return the hour and minute of a time (unix time)."""
    then = local_time(moment)
    return time.strftime("%H:%M", then) if then is not None else "--:--"


def day_name(moment: float) -> str:
    """Return the day of a time (unix time), with its year unless that is the current one."""
    then = local_time(moment)
    if then is None:
        return "?"
    # Not by strftime, which speaks the language of the C library's locale.
    said = _(
        "{day}, {number} {month}",
        day=_(_DAYS[then.tm_wday]),
        number=then.tm_mday,
        month=_(_MONTHS[then.tm_mon - 1]),
    )
    return said if then.tm_year == time.localtime().tm_year else f"{said} {then.tm_year}"


def local_time(moment: float) -> time.struct_time | None:
    """Return a local time; None if no calendar has it: the server or a sender chose the number."""
    try:
        found = time.localtime(moment)
    except (OverflowError, ValueError, OSError):
        return None
    # Beyond, some functions of the C library fail that get such a time.
    return found if MINYEAR <= found.tm_year <= MAXYEAR else None


def message_text(message: StoredMessage) -> str:
    """Return the text of a message, or why it cannot be read."""
    if message.security is MessageSecurity.DOWNGRADED:
        return _("(not encrypted: anybody may have written it)") + " " + message.text
    return (
        _(_SECURITY_TEXTS[message.security])
        if message.security in _SECURITY_TEXTS
        else message.text
    )


def sender_mark(message: StoredMessage, trust: IdentityTrust) -> str:
    """Return the mark beside a message's sender: verified only if a device has signed it."""
    if trust is IdentityTrust.VERIFIED and not message.is_proved:
        return ""
    return trust_mark(trust)


def message_line(
    message: StoredMessage, me: str, trust: IdentityTrust = IdentityTrust.UNKNOWN
) -> str:
    """Return a message as a line: time, conversation, sender, text."""
    where = shown_name(message.conversation)
    mark = " " + _("(guest)") if message.guest else sender_mark(message, trust)
    who = shown_name(message.sender) + mark
    if message.sender == me:
        head = f"→ {where}"
    elif message.conversation.startswith("#"):
        head = f"{where} {who}"
    else:
        head = who
    line = f"{when(message.shown_time)} {head}: {visible(message_text(message), lines=True)}"
    if message.state is MessageState.FAILED:
        line += "  " + _("[not sent: {reason}]", reason=failure_text(message))
    elif message.state is MessageState.UNSENT:
        line += "  " + _("[queued]")
    return line


def failure_text(message: StoredMessage) -> str:
    """Return why a message was not sent; empty if it was."""
    return visible(explain(message.failure))


def trust_name(trust: IdentityTrust) -> str:
    """Return how far somebody is trusted, in a word or two; empty if they have no keys."""
    return _(_TRUST_NAMES[trust]) if trust in _TRUST_NAMES else ""


def trust_mark(trust: IdentityTrust) -> str:
    """Return the mark beside a name: verified, or changed since the verification."""
    return {IdentityTrust.VERIFIED: " ✔", IdentityTrust.CHANGED: " !"}.get(trust, "")


def person_line(person: Person, trust: IdentityTrust = IdentityTrust.UNKNOWN) -> str:
    """Return a person as a line: rights in the room, presence, trust, status."""
    notes = [_("created the room")] if person.creator else []
    notes += [_("guest")] if person.guest else []
    notes += [trust_name(trust)] if trust in _TRUST_NAMES else []
    notes.append({"online": _("online"), "away": _("away")}.get(person.state, _("offline")))
    if person.state == "offline" and person.last_seen:
        notes.append(_("last seen {when}", when=when(person.last_seen)))
    if person.status:
        notes.append(visible(person.status))
    return f"{shown_name(person.account_name)}: {', '.join(notes)}"


def room_line(room: Room) -> str:
    """Return a room as a line of the list."""
    members = ngettext("{count} member", "{count} members", room.members)
    return f"{visible(room.room)} ({members}) {visible(room.topic)}".rstrip()


def empty_text(client: Client, conversation: str) -> str:
    """Return the text for a conversation without stored messages."""
    if client.core.why_empty(conversation) is not Emptiness.HIDDEN:
        return _("No messages yet.")
    if client.core.is_guest:
        return _("Guests see new messages only.")
    return _("This server does not store earlier messages.")


def login_line(login: LoginRecord) -> str:
    """Return one login as a line."""
    return f"{when(login.time)} {visible(login.address)} {visible(login.program)}".rstrip()


def preview(text: str) -> str:
    """Return the beginning of a text, in one line."""
    return visible(text if len(text) < _PREVIEW else text[: _PREVIEW - 1] + "…")


def connection_state_name(state: ConnectionState) -> str:
    """Return the state of the connection, in a word or two."""
    return _(_CONNECTION_STATES[state])


def message_state_name(state: MessageState) -> str:
    """Return the state of the user's own message, in a word or two."""
    text = _MESSAGE_STATES[state].text
    return _(text) if text else ""


def message_state_word(state: MessageState) -> str:
    """Return the state of the user's own message without its symbol, to be heard."""
    return message_state_name(state).lstrip("✓✗ ")


def message_state_mark(state: MessageState) -> str:
    """Return the symbol for the state of the user's own message."""
    return _MESSAGE_STATES[state].mark


def server_name(address: str, port: int, *, briefly: bool = False) -> str:
    """Return a server as a user writes it: `host:port`, `[IPv6]:port`.

    `briefly` leaves out the default port.
    """
    host = f"[{address}]" if ":" in address else address
    return host if briefly and port == DEFAULT_PORT else f"{host}:{port}"


def why_not_encrypted(name: str, row: ConversationSummary | None) -> str:
    """Return why the server can read a conversation; `row` is None if it is not stored."""
    if name == EVERYONE:
        return _("not encrypted: open to everyone")
    if row is not None and row.guest:
        return _("not encrypted: a guest has no keys")
    if row is not None and row.last is not None and row.last.seq is not None:
        return _("not encrypted: some members' apps do not support it")
    return _("not encrypted yet")
