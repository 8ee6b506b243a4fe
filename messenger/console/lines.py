"""How messages and people look as a line of text, or as JSON for programs."""

import time
from typing import Any

from messenger.jim.messages import encode
from messenger.jim.names import same_key
from messenger.jim.replies import Login, Person, Room
from messenger.language import N_, _, ngettext
from messenger.output import visible as visible  # noqa: PLC0414  faces find it here, too
from messenger.sdk.client import Client
from messenger.sdk.events import Emptiness
from messenger.sdk.store import Lock, MessageState, StoredMessage, Trust

_LOCKED: dict[Lock, str] = {
    Lock.WAITING: N_("(encrypted: waiting for the key)"),
    Lock.BEFORE: N_("(sent before you joined)"),
    Lock.EARLIER: N_("(sent before this device was added)"),
    Lock.UNSIGNED: N_("(hidden: sent from a device that is not verified)"),
    Lock.UNAPPROVED: N_("(encrypted: approve this device to read it, see /devices)"),
    Lock.FORGED: N_("(failed verification: hidden)"),
}


_TRUSTS: dict[Trust, str] = {
    Trust.UNVERIFIED: N_("not verified"),
    Trust.VERIFIED: N_("verified"),
    Trust.CHANGED: N_("changed!"),
}


_MARKS = frozenset('→←*✔✓✗!:()"«»“”')
# How programs write of their own user; Messenger's words in all languages that it speaks.
ONESELF = frozenset({"you", "вы"})


def shown_name(name: str) -> str:
    """Return a name as it is shown: in quotation marks if it looks like more than a name.

    So nobody is `you`, `ann ✔` or `ann (guest)` by the choice of a name.
    """
    shown = visible(name)
    if _MARKS.isdisjoint(shown) and same_key(name) not in ONESELF:
        return shown
    return f"“{shown}”"


def when(moment: float) -> str:
    """Return a time: only the hour where it is today."""
    try:
        then = time.localtime(moment)
    except (OverflowError, ValueError, OSError):
        return "--:--"
    today = time.localtime()
    same = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M" if same else "%Y-%m-%d %H:%M", then)


def said(message: StoredMessage) -> str:
    """Return what a message says, or why it cannot be read."""
    if message.lock is Lock.PLAIN:
        return _("(not encrypted: anybody may have written it)") + " " + message.text
    return _(_LOCKED[message.lock]) if message.lock in _LOCKED else message.text


def sender_mark(message: StoredMessage, trust: Trust) -> str:
    """Return what stands beside a message's sender: verified only where a device has signed it."""
    if trust is Trust.VERIFIED and not message.is_proved:
        return ""
    return trust_mark(trust)


def message_line(message: StoredMessage, me: str, trust: Trust = Trust.UNKNOWN) -> str:
    """Return a message as a line: time, where, who, what."""
    where = shown_name(message.conversation)
    mark = " " + _("(guest)") if message.guest else sender_mark(message, trust)
    who = shown_name(message.sender) + mark
    if message.sender == me:
        head = f"→ {where}"
    elif message.conversation.startswith("#"):
        head = f"{where} {who}"
    else:
        head = who
    line = f"{when(message.shown_time)} {head}: {visible(said(message), lines=True)}"
    if message.state is MessageState.FAILED:
        line += "  " + _("[not sent: {reason}]", reason=visible(message.reason))
    elif message.state is MessageState.UNSENT:
        line += "  " + _("[queued]")
    return line


def as_sent(message: StoredMessage, client: Client) -> StoredMessage:
    """Return a message with what others see of its sender: one's own are kept before it is known.

    Namely, whether the server has taken the user for a guest.
    """
    is_own = message.sender == client.core.credentials.name
    return message._replace(guest=client.core.is_guest) if is_own else message


def message_json(message: StoredMessage, event: str = "message") -> str:
    """Return a message as a JSON object in one line."""
    found: dict[str, Any] = {
        "event": event,
        "conversation": message.conversation,
        "from": message.sender,
        "text": message.text,
        "time": message.time,
        "stored": message.stored,
        "state": str(message.state),
        "guest": message.guest,
        "lock": str(message.lock),
    }
    if message.seq is not None and message.seq > 0:
        found["seq"] = message.seq
    for name in ("sent_id", "reason"):
        if value := getattr(message, name):
            found["id" if name == "sent_id" else name] = value
    return as_json(found)


def as_json(found: dict[str, Any]) -> str:
    """Return an object as one line of JSON."""
    return encode(found).decode()


def trust_name(trust: Trust) -> str:
    """Return how far somebody is trusted, in a word or two; nothing where there are no keys."""
    return _(_TRUSTS[trust]) if trust in _TRUSTS else ""


def trust_mark(trust: Trust) -> str:
    """Return what stands beside a name: that it is verified, or another than was verified."""
    return {Trust.VERIFIED: " ✔", Trust.CHANGED: " !"}.get(trust, "")


def person_line(person: Person, trust: Trust = Trust.UNKNOWN) -> str:
    """Return what is known of a person as a line."""
    notes = [_("guest")] if person.guest else []
    notes += [trust_name(trust)] if trust in _TRUSTS else []
    notes.append({"online": _("online"), "away": _("away")}.get(person.state, _("offline")))
    if person.state == "offline" and person.last_seen:
        notes.append(_("last seen {when}", when=when(person.last_seen)))
    if person.status:
        notes.append(visible(person.status))
    return f"{shown_name(person.account_name)}: {', '.join(notes)}"


def room_line(room: Room) -> str:
    """Return what the list says of a room."""
    members = ngettext("{count} member", "{count} members", room.members)
    line = f"{visible(room.room)} ({members})"
    if room.joined:
        line += " *"
    return f"{line} {visible(room.topic)}".rstrip()


def nothing_said(client: Client, conversation: str) -> str:
    """Return what stands where a conversation has no messages here."""
    if client.core.why_empty(conversation) is not Emptiness.HIDDEN:
        return _("No messages yet.")
    if client.core.is_guest:
        return _("Guests see what is written from now on.")
    return _("What was written before is not kept by this server.")


def login_line(login: Login) -> str:
    """Return one login as a line."""
    return f"{when(login.time)} {visible(login.address)} {visible(login.program)}".rstrip()
