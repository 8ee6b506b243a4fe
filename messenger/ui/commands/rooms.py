"""Commands for rooms: join, leave, list, and what a room's creator may do."""

from messenger.jim.names import EVERYONE, is_room
from messenger.language import N_, _
from messenger.output import visible
from messenger.sdk.results import Joined
from messenger.ui.commands.arguments import Usage, one, room, room_and_name
from messenger.ui.commands.people_lines import show_people
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.rooms import all_rooms, join_room
from messenger.ui.wording import room_line, shown_name


@command(
    "join",
    N_("#ROOM [open]"),
    N_("join a room, or make it; open: for guests and other programs, too"),
)
def _join(controller: ConversationController, rest: str) -> None:
    name, _space, kind = one(rest).partition(" ")
    if kind.strip() not in ("", "open"):
        raise Usage
    name, joined = join_room(controller.client, _as_room(name), is_open=bool(kind))
    controller.open(name)
    if said := _said_of(joined, is_open=bool(kind)):
        controller.show(_(said, room=shown_name(name)))


def _said_of(joined: Joined, *, is_open: bool) -> str:
    """Return what the user should know about who can read a room, untranslated; or nothing."""
    if joined.made and joined.encrypted:
        return N_("{room} is a new room, end-to-end encrypted.")
    if joined.made:
        return N_("{room} is a new room, open to guests and other programs.")
    if joined.encrypted and is_open:
        return N_("{room} exists already, and is end-to-end encrypted: guests cannot join it.")
    return N_("{room} is end-to-end encrypted.") if joined.encrypted else ""


def _as_room(name: str) -> str:
    """Return the name of a room, with its # even if it was typed without."""
    return name if is_room(name) else f"#{name}"


@command("leave", N_("[#ROOM]"), N_("leave a room"))
def _leave(controller: ConversationController, rest: str) -> None:
    left = room(controller, rest)
    controller.client.leave(left)
    controller.show(_("You have left {room}", room=shown_name(left)))
    if controller.current == left:
        controller.open(EVERYONE)


@command("rooms", "", N_("list the rooms; * marks yours"))
def _rooms(controller: ConversationController, rest: str) -> None:
    for found in all_rooms(controller.client):
        controller.show(room_line(found) + (" *" if found.joined else ""))


@command("who", N_("[#ROOM]"), N_("list the members of a room"))
def _who(controller: ConversationController, rest: str) -> None:
    where = room(
        controller, rest or (controller.current if is_room(controller.current) else EVERYONE)
    )
    show_people(controller, controller.client.members(where))


@command("topic", N_("[#ROOM] [TEXT|-]"), N_("show the topic of a room, set it, or clear it (-)"))
def _topic(controller: ConversationController, rest: str) -> None:
    first, _space, text = rest.partition(" ")
    where, topic = (first, text.strip()) if is_room(first) else ("", rest)
    where = room(controller, where)
    # Without a text the topic is shown: only a dash clears it, for all members.
    if topic:
        controller.client.set_topic(where, "" if topic in ("-", "clear") else topic)
        return
    row = controller.client.store.summary(where)
    topic = visible(row.topic) if row is not None else ""
    said = N_("The topic of {room}: {topic}") if topic else N_("{room} has no topic")
    controller.show(_(said, room=shown_name(where), topic=topic))


@command("invite", N_("[#ROOM] NAME"), N_("invite somebody to a room; this also lifts a ban"))
def _invite(controller: ConversationController, rest: str) -> None:
    where, name = room_and_name(controller, rest)
    controller.client.invite(where, name)
    controller.show(_("{name} is invited to {room}", name=shown_name(name), room=shown_name(where)))


@command("kick", N_("[#ROOM] NAME"), N_("remove a member from your room"))
def _kick(controller: ConversationController, rest: str) -> None:
    where, name = room_and_name(controller, rest)
    controller.client.kick(where, name)


@command("ban", N_("[#ROOM] NAME"), N_("remove a member from your room for good"))
def _ban(controller: ConversationController, rest: str) -> None:
    where, name = room_and_name(controller, rest)
    controller.client.kick(where, name, ban=True)
    said = N_("{name} can no longer join {room}; /invite lifts this.")
    controller.show(_(said, name=shown_name(name), room=shown_name(where)))


@command("close", N_("#ROOM"), N_("close your room for good"))
def _close(controller: ConversationController, rest: str) -> None:
    closed = room(controller, one(rest))
    question = _("Close {room} for good? Nobody can write there any more.", room=shown_name(closed))
    # Without a question for the common chat: the server refuses to close that.
    if closed != EVERYONE and not controller.prompter.agrees(question):
        controller.show(_("{room} stays open.", room=shown_name(closed)))
        return
    controller.client.close_room(closed)
    if controller.current == closed:
        controller.open(EVERYONE)
