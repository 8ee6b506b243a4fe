"""The commands: what a user can do in a terminal beside writing."""

from pathlib import Path
from typing import TYPE_CHECKING

from messenger.console.lines import (
    login_line,
    message_json,
    message_line,
    person_line,
    room_line,
    visible,
)
from messenger.console.preferences import CHOICES, changed, preference_line
from messenger.console.table import COMMANDS, Usage, command, unknown
from messenger.jim.names import EVERYONE, is_room
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
    Logout,
    Members,
    Search,
    Topic,
    Whois,
)
from messenger.language import N_, _, ngettext

if TYPE_CHECKING:
    from messenger.console.talk import Talk

_PAGE = 20


def _one(rest: str) -> str:
    """Return the only argument."""
    if not rest:
        raise Usage
    return rest


def _room(talk: "Talk", rest: str) -> str:
    """Return the room that is named, or the one that is open."""
    room = rest or talk.current
    if not is_room(room):
        raise Usage
    return room


def _room_and_name(talk: "Talk", rest: str) -> tuple[str, str]:
    """Return the room that is named first, or the one that is open, and a person's name."""
    first, _space, name = _one(rest).partition(" ")
    if is_room(first):
        return first, _one(name.strip())
    return _room(talk, ""), rest


def _name_and_text(rest: str) -> tuple[str, str]:
    """Return the first word, or what stands in quotation marks, and what follows it."""
    if rest.startswith('"') and '"' in rest[1:]:
        name, _quote, text = rest[1:].partition('"')
    else:
        name, _space, text = rest.partition(" ")
    return name, text


# --- talking -----------------------------------------------------------------------------------


@command("help", N_("[COMMAND]"), N_("show the commands, or how one is written"))
def _help(talk: "Talk", rest: str) -> None:
    if rest:
        name = rest.lstrip("/").casefold()
        talk.show(COMMANDS[name].usage if name in COMMANDS else unknown(name))
    else:
        talk.show_help([entry.usage for entry in COMMANDS.values()])


@command("msg", N_("NAME|#ROOM [TEXT]"), N_("write there, or open it for what you write next"))
def _msg(talk: "Talk", rest: str) -> None:
    to, text = _name_and_text(_one(rest))
    if text.strip():
        talk.write(to, text.strip())
    else:
        talk.open(to)


@command("history", N_("[COUNT]"), N_("show what was said here before"))
def _history(talk: "Talk", rest: str) -> None:
    if rest and not (rest.isascii() and rest.isdigit() and len(rest) < 6):
        raise Usage
    talk.show_history(int(rest or _PAGE))


@command("read", "", N_("mark everything here as read"))
def _read(talk: "Talk", rest: str) -> None:
    talk.client.mark_read(talk.current)


@command("search", N_("WORDS"), N_("find messages that are kept on this computer"))
def _search(talk: "Talk", rest: str) -> None:
    found = talk.client.store.search(_one(rest), limit=_PAGE)
    for message in reversed(found):
        talk.show(message_line(message, talk.me))
    count = len(found)
    talk.show(ngettext("{count} message", "{count} messages", count))


@command("mute", N_("[NAME|#ROOM]"), N_("show nothing more from there, or show it again"))
def _mute(talk: "Talk", rest: str) -> None:
    name = rest or talk.current
    row = talk.client.store.conversation(name)
    muted = not (row and row.muted)
    talk.client.store.describe(name, muted=muted)
    said = N_("{name} is muted") if muted else N_("{name} is shown again")
    talk.show(_(said, name=visible(name)))


@command("export", N_("FILE"), N_("write what was said here to a file, as JSON lines"))
def _export(talk: "Talk", rest: str) -> None:
    file = Path(_one(rest)).expanduser()
    if file.exists():
        talk.show(_("{file} is there already: choose another name", file=file))
        return
    count = 0
    with file.open("x", encoding="utf-8") as out:
        for message in talk.everything():
            out.write(message_json(message) + "\n")
            count += 1
    said = ngettext(
        "{count} message is in {file}", "{count} messages are in {file}", count, file=file
    )
    talk.show(said)


# --- rooms -------------------------------------------------------------------------------------


@command("join", N_("#ROOM"), N_("become a member of a room, which is made if need be"))
def _join(talk: "Talk", rest: str) -> None:
    room = _one(rest)
    room = room if is_room(room) else f"#{room}"
    talk.client.ask(Join(room=room))
    talk.open(room)


@command("leave", N_("[#ROOM]"), N_("give up your membership"))
def _leave(talk: "Talk", rest: str) -> None:
    room = _room(talk, rest)
    talk.client.ask(Leave(room=room))
    talk.show(_("You have left {room}", room=visible(room)))
    if talk.current == room:
        talk.open(EVERYONE)


@command("rooms", "", N_("list the rooms; * marks those you are in"))
def _rooms(talk: "Talk", rest: str) -> None:
    page = talk.client.ask(ListRooms())
    while True:
        for room in page.rooms:
            talk.show(room_line(room))
        if page.next is None:
            break
        page = talk.client.ask(ListRooms(after=page.next))


@command("who", N_("[#ROOM]"), N_("list the members of a room"))
def _who(talk: "Talk", rest: str) -> None:
    room = rest or (talk.current if is_room(talk.current) else EVERYONE)
    for person in talk.client.ask(Members(room=_room(talk, room))).people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))


@command("topic", N_("[#ROOM] TEXT"), N_("say what a room is about"))
def _topic(talk: "Talk", rest: str) -> None:
    first, _space, text = _one(rest).partition(" ")
    room, topic = (first, text.strip()) if is_room(first) else (_room(talk, ""), rest)
    talk.client.ask(Topic(room=room, topic=topic))


@command("invite", N_("[#ROOM] NAME"), N_("tell somebody of a room, and end a ban"))
def _invite(talk: "Talk", rest: str) -> None:
    room, name = _room_and_name(talk, rest)
    talk.client.ask(Invite(room=room, account_name=name))
    talk.show(_("{name} is invited to {room}", name=visible(name), room=visible(room)))


@command("kick", N_("[#ROOM] NAME"), N_("remove a member from your room"))
def _kick(talk: "Talk", rest: str) -> None:
    room, name = _room_and_name(talk, rest)
    talk.client.ask(Kick(room=room, account_name=name))


@command("ban", N_("[#ROOM] NAME"), N_("remove a member from your room for good"))
def _ban(talk: "Talk", rest: str) -> None:
    room, name = _room_and_name(talk, rest)
    talk.client.ask(Kick(room=room, account_name=name, ban=True))


@command("close", N_("#ROOM"), N_("close your room for good"))
def _close(talk: "Talk", rest: str) -> None:
    room = _one(rest)
    talk.client.ask(CloseRoom(room=room))
    if talk.current == room:
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
    talk.client.ask(AddContact(user_id=_one(rest), user_login=talk.me))
    talk.show(_("{name} is a contact", name=visible(rest)))


@command("del", N_("NAME"), N_("remove somebody from your contacts"))
def _del(talk: "Talk", rest: str) -> None:
    talk.client.ask(DelContact(user_id=_one(rest), user_login=talk.me))
    talk.show(_("{name} is no contact any more", name=visible(rest)))


@command("whois", N_("NAME"), N_("show who somebody is, and when they were here last"))
def _whois(talk: "Talk", rest: str) -> None:
    for person in talk.client.ask(Whois(account_name=_one(rest))).people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))


@command("find", N_("START"), N_("find people by the start of their name"))
def _find(talk: "Talk", rest: str) -> None:
    people = talk.client.ask(Search(prefix=_one(rest))).people
    for person in people:
        talk.show(person_line(person, talk.client.keys.trust_of(person.account_name)))
    if not people:
        talk.show(_("Nobody is called so."))


# --- oneself -----------------------------------------------------------------------------------


@command("set", N_("[NAME VALUE]"), N_("show what you can choose, or choose it"))
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


@command("back", N_("[STATUS]"), N_("tell your contacts that you are here"))
def _back(talk: "Talk", rest: str) -> None:
    talk.client.set_status(rest)


@command("password", "", N_("change your password"))
def _password(talk: "Talk", rest: str) -> None:
    old = talk.keys.password(_("Old password: "))
    new = talk.keys.new_password(talk.me)
    talk.client.change_password(old, new)
    talk.profile.replace_password(new)
    talk.show(_("The password is changed"))


@command("logins", "", N_("list when and from where you logged in"))
def _logins(talk: "Talk", rest: str) -> None:
    for login in talk.client.ask(ListLogins()).logins:
        talk.show(login_line(login))


@command("logout", "", N_("leave, and let this computer forget the login"))
def _logout(talk: "Talk", rest: str) -> None:
    talk.client.ask(Logout())
    talk.client.store.put("token", None)
    talk.leaving = True


@command("quit", "", N_("leave"))
def _quit(talk: "Talk", rest: str) -> None:
    talk.leaving = True
