"""The commands: what a user can do in a terminal beside writing."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from messenger.console.arguments import Usage, is_known, name_and_text, one, room, room_and_name
from messenger.console.table import COMMANDS, command, unknown
from messenger.files import private_opener
from messenger.jim.errors import Conflict
from messenger.jim.names import EVERYONE, is_room, same_key
from messenger.jim.replies import Joined, Room
from messenger.jim.requests import (
    AddContact,
    CloseRoom,
    DelContact,
    GetContacts,
    Invite,
    Join,
    Kick,
    Leave,
    ListLogins,
    ListRooms,
    Members,
    Search,
    Topic,
    Whois,
)
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.ui.json_lines import as_sent, message_json
from messenger.ui.settings import CHOICES, changed, preference_line
from messenger.ui.wording import login_line, message_line, person_line, room_line, shown_name

if TYPE_CHECKING:
    from messenger.console.talk import Talk

_PAGE = 20


# --- talking -----------------------------------------------------------------------------------


@command("help", N_("[COMMAND]"), N_("show the commands, or how one is written"))
def _help(talk: "Talk", rest: str) -> None:
    if rest:
        name = rest.lstrip("/").casefold()
        talk.show(COMMANDS[name].help if name in COMMANDS else unknown(name))
    else:
        talk.show_help([entry.usage for entry in COMMANDS.values()])


@command(
    "msg",
    N_('NAME|"NAME WITH SPACES"|#ROOM [TEXT]'),
    N_("send a message, or switch to a conversation"),
)
def _msg(talk: "Talk", rest: str) -> None:
    if not rest:
        raise Usage
    to, text = name_and_text(talk, rest)
    if text:
        talk.write(to, text)
    else:
        talk.open(to)


@command("resend", "", N_("send the last message here that failed once more"))
def _resend(talk: "Talk", rest: str) -> None:
    if talk.resend() is None:
        talk.show(_("No message has failed here."))
    else:
        talk.show(_("Sending it again."))


@command("history", N_("[COUNT]"), N_("show earlier messages"))
def _history(talk: "Talk", rest: str) -> None:
    if rest and not (rest.isascii() and rest.isdigit() and len(rest) < 6):
        raise Usage
    talk.show_history(int(rest or _PAGE))


@command("read", "", N_("mark everything here as read"))
def _read(talk: "Talk", rest: str) -> None:
    talk.client.mark_read(talk.current)


@command("search", N_("WORDS"), N_("find messages on this computer"))
def _search(talk: "Talk", rest: str) -> None:
    found = talk.client.store.search(one(rest), limit=_PAGE)
    for message in reversed(found):
        talk.show(message_line(message, talk.me))
    count = len(found)
    talk.show(ngettext("{count} message", "{count} messages", count))


@command("mute", N_("[NAME|#ROOM]"), N_("mute a conversation, or unmute it"))
def _mute(talk: "Talk", rest: str) -> None:
    name = one(rest) if rest else talk.current
    row = talk.client.store.conversation(name)
    if row is None and name not in (talk.current, EVERYONE) and not is_known(talk, name):
        talk.show(_("There is no conversation {name}", name=visible(name)))
        return
    muted = row is None or not row.muted
    talk.client.store.describe(name, muted=muted)
    said = N_("{name} is muted") if muted else N_("{name} is no longer muted")
    talk.show(_(said, name=shown_name(name)))


@command("export", N_("FILE"), N_("save this conversation to a file, as JSON lines"))
def _export(talk: "Talk", rest: str) -> None:
    file = Path(one(rest)).expanduser()
    if file.exists():
        talk.show(_("{file} exists already: choose another name", file=file))
        return
    count = 0
    with open(file, "x", encoding="utf-8", opener=private_opener) as out:
        for message in talk.everything():
            out.write(message_json(as_sent(message, talk.client)) + "\n")
            count += 1
    said = ngettext(
        "{count} message is in {file}", "{count} messages are in {file}", count, file=file
    )
    talk.show(said)


# --- rooms -------------------------------------------------------------------------------------


@command(
    "join",
    N_("#ROOM [open]"),
    N_("join a room, or make it; open: for guests and other programs, too"),
)
def _join(talk: "Talk", rest: str) -> None:
    name, _space, kind = one(rest).partition(" ")
    if kind.strip() not in ("", "open"):
        raise Usage
    name, joined = _enter(talk, _as_room(name), is_open=bool(kind))
    if kind and not joined.encrypted:
        # Who asks for an open room does not want to be silenced by the first guest who comes.
        talk.client.keys.write_plain(name)
    talk.open(name)
    if said := _said_of(joined, is_open=bool(kind)):
        talk.show(_(said, room=shown_name(name)))


def _enter(talk: "Talk", name: str, *, is_open: bool) -> tuple[str, Joined]:
    """Join a room, or the one whose name differs from this by case only; return its name, too."""
    encrypted = False if is_open else None
    try:
        return name, talk.client.ask(Join(room=name, encrypted=encrypted))
    except Conflict:
        names = (found.room for found in _all_rooms(talk) if same_key(found.room) == same_key(name))
        if (other := next(names, None)) is None:
            raise
        return other, talk.client.ask(Join(room=other, encrypted=encrypted))


def _all_rooms(talk: "Talk") -> Iterator[Room]:
    page = talk.client.ask(ListRooms())
    yield from page.rooms
    while page.next is not None:
        page = talk.client.ask(ListRooms(after=page.next))
        yield from page.rooms


def _said_of(joined: Joined, *, is_open: bool) -> str:
    """Return who can read a room, as far as that has to be told."""
    if joined.made and joined.encrypted:
        return N_("{room} is a new room, end-to-end encrypted.")
    if joined.made:
        return N_("{room} is a new room, open to guests and other programs.")
    if joined.encrypted and is_open:
        return N_("{room} exists already, and is end-to-end encrypted: guests cannot join it.")
    return N_("{room} is end-to-end encrypted.") if joined.encrypted else ""


def _as_room(name: str) -> str:
    """Return the name of a room, which may be given without its #."""
    return name if is_room(name) else f"#{name}"


@command("leave", N_("[#ROOM]"), N_("leave a room"))
def _leave(talk: "Talk", rest: str) -> None:
    left = room(talk, rest)
    talk.client.ask(Leave(room=left))
    talk.show(_("You have left {room}", room=shown_name(left)))
    if talk.current == left:
        talk.open(EVERYONE)


@command("rooms", "", N_("list the rooms; * marks yours"))
def _rooms(talk: "Talk", rest: str) -> None:
    for found in _all_rooms(talk):
        talk.show(room_line(found))


@command("who", N_("[#ROOM]"), N_("list the members of a room"))
def _who(talk: "Talk", rest: str) -> None:
    where = room(talk, rest or (talk.current if is_room(talk.current) else EVERYONE))
    for person in talk.client.ask(Members(room=where)).people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))


@command("topic", N_("[#ROOM] [TEXT|-]"), N_("show the topic of a room, set it, or clear it (-)"))
def _topic(talk: "Talk", rest: str) -> None:
    first, _space, text = rest.partition(" ")
    where, topic = (first, text.strip()) if is_room(first) else ("", rest)
    where = room(talk, where)
    if topic:
        talk.client.ask(Topic(room=where, topic="" if topic in ("-", "clear") else topic))
        return
    row = talk.client.store.conversation(where)
    topic = visible(row.topic) if row is not None else ""
    said = N_("The topic of {room}: {topic}") if topic else N_("{room} has no topic")
    talk.show(_(said, room=shown_name(where), topic=topic))


@command("invite", N_("[#ROOM] NAME"), N_("invite somebody to a room; this also lifts a ban"))
def _invite(talk: "Talk", rest: str) -> None:
    where, name = room_and_name(talk, rest)
    talk.client.ask(Invite(room=where, account_name=name))
    talk.show(_("{name} is invited to {room}", name=shown_name(name), room=shown_name(where)))


@command("kick", N_("[#ROOM] NAME"), N_("remove a member from your room"))
def _kick(talk: "Talk", rest: str) -> None:
    where, name = room_and_name(talk, rest)
    talk.client.ask(Kick(room=where, account_name=name))


@command("ban", N_("[#ROOM] NAME"), N_("remove a member from your room for good"))
def _ban(talk: "Talk", rest: str) -> None:
    where, name = room_and_name(talk, rest)
    talk.client.ask(Kick(room=where, account_name=name, ban=True))
    said = N_("{name} can no longer join {room}; /invite lifts this.")
    talk.show(_(said, name=shown_name(name), room=shown_name(where)))


@command("close", N_("#ROOM"), N_("close your room for good"))
def _close(talk: "Talk", rest: str) -> None:
    closed = room(talk, one(rest))
    question = _("Close {room} for good? Nobody can write there any more.", room=shown_name(closed))
    if closed != EVERYONE and not talk.prompter.agrees(question):
        talk.show(_("{room} stays open.", room=shown_name(closed)))
        return
    talk.client.ask(CloseRoom(room=closed))
    if talk.current == closed:
        talk.open(EVERYONE)


# --- people ------------------------------------------------------------------------------------


@command("contacts", "", N_("list your contacts"))
def _contacts(talk: "Talk", rest: str) -> None:
    names = talk.client.ask(GetContacts(user_login=talk.me)).contacts or []
    talk.client.store.set_contacts(names)
    for name in names:
        for person in talk.client.ask(Whois(account_name=name)).people:
            talk.show(person_line(person, talk.client.keys.trust_of(name)))
    if not names:
        talk.show(_("No contacts yet: /add NAME"))


@command("add", N_("NAME"), N_("add somebody to your contacts"))
def _add(talk: "Talk", rest: str) -> None:
    name = one(rest)
    if name == talk.me:
        talk.show(_("You cannot add yourself to your contacts."))
        return
    known = name in talk.client.store.contacts()
    talk.client.ask(AddContact(user_id=name, user_login=talk.me))
    said = N_("{name} is already a contact") if known else N_("{name} is a contact now")
    talk.show(_(said, name=shown_name(name)))


@command("del", N_("NAME"), N_("remove somebody from your contacts"))
def _del(talk: "Talk", rest: str) -> None:
    name = one(rest)
    talk.client.ask(DelContact(user_id=name, user_login=talk.me))
    talk.show(_("{name} was removed from your contacts", name=shown_name(name)))


@command("whois", N_("NAME"), N_("show who somebody is, and when they were online last"))
def _whois(talk: "Talk", rest: str) -> None:
    for person in talk.client.ask(Whois(account_name=one(rest))).people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))


@command("find", N_("START"), N_("find people by the start of their name"))
def _find(talk: "Talk", rest: str) -> None:
    people = talk.client.ask(Search(prefix=one(rest))).people
    for person in people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))
    if not people:
        talk.show(_("No users found."))


# --- oneself -----------------------------------------------------------------------------------


@command("set", N_("[NAME VALUE]"), N_("show or change settings"))
def _set(talk: "Talk", rest: str) -> None:
    if not rest:
        for name in CHOICES:
            talk.show(preference_line(talk.preferences, name))
        return
    name, _space, value = rest.partition(" ")
    try:
        talk.prefer(changed(talk.preferences, name, value.strip()))
    except ValueError as error:
        talk.show(str(error))
        return
    talk.show(preference_line(talk.preferences, name))


@command("away", N_("[STATUS]"), N_("tell your contacts that you are away; /back ends it"))
def _away(talk: "Talk", rest: str) -> None:
    talk.client.set_status(rest, away=True)
    talk.show(_("You are away: /back ends it."))


@command("back", N_("[STATUS]"), N_("tell your contacts that you are back"))
def _back(talk: "Talk", rest: str) -> None:
    talk.client.set_status(rest)
    talk.show(_("You are back."))


@command("password", N_("[show]"), N_("change your password; show: one that was made up for you"))
def _password(talk: "Talk", rest: str) -> None:
    made = talk.made_password()
    if rest == "show":
        talk.show(f"    {made}" if made else _("Your password was not made up: only you know it."))
        return
    if rest:
        raise Usage
    old = made or talk.prompter.password(_("Old password: "))
    new = talk.prompter.new_password(talk.me)
    talk.client.change_password(old, new)
    talk.profile.replace_password(new)
    talk.show(_("The password is changed"))


@command("logins", "", N_("list when and from where you logged in"))
def _logins(talk: "Talk", rest: str) -> None:
    for login in talk.client.ask(ListLogins()).logins:
        talk.show(login_line(login))


@command("logout", "", N_("log out of this computer and remove the saved login"))
def _logout(talk: "Talk", rest: str) -> None:
    if made := talk.made_password():
        talk.show(_("Your password was made up for you. Write it down:"))
        talk.show(f"    {made}")
        if not talk.prompter.agrees(_("Log out? You need this password to log in again.")):
            return
    if talk.profile.log_out(talk.client):
        talk.goodbye = _("You are logged out. Your messages stay on this computer.")
    else:
        talk.goodbye = _("You are offline: this computer forgets the login, the server keeps it.")
    talk.leaving = True


@command("quit", "", N_("leave"))
def _quit(talk: "Talk", rest: str) -> None:
    talk.leaving = True
