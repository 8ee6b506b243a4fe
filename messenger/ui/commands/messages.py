"""Commands for messages: send, send again, search, export; and the help."""

import re
import time
from math import inf
from pathlib import Path

from messenger.jim.names import EVERYONE
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.sdk.store import ConversationSummary
from messenger.ui.commands.arguments import Usage, is_known, name_and_text, one
from messenger.ui.commands.table import COMMANDS, command, unknown
from messenger.ui.conversation import ConversationController
from messenger.ui.json_lines import save
from messenger.ui.wording import message_line, shown_name, when

_PAGE = 20
_LENGTH = re.compile(r"([0-9]{1,4})([mhdw])|off")
_SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


@command("help", N_("[COMMAND]"), N_("show all commands, or the usage of one"))
def _help(controller: ConversationController, rest: str) -> None:
    if rest:
        name = rest.lstrip("/").casefold()
        controller.show(COMMANDS[name].help if name in COMMANDS else unknown(name))
    else:
        controller.show_help([entry.usage for entry in COMMANDS.values()])


@command(
    "msg",
    N_('NAME|"NAME WITH SPACES"|#ROOM [TEXT]'),
    N_("send a message, or switch to a conversation"),
)
def _msg(controller: ConversationController, rest: str) -> None:
    if not rest:
        raise Usage
    to, text = name_and_text(controller, rest)
    if text:
        controller.write(to, text)
    else:
        controller.open(to)


@command("resend", "", N_("send the last failed message here again"))
def _resend(controller: ConversationController, rest: str) -> None:
    if controller.resend() is None:
        controller.show(_("No message has failed here."))
    else:
        controller.show(_("Sending it again."))


@command("history", N_("[COUNT]"), N_("show earlier messages"))
def _history(controller: ConversationController, rest: str) -> None:
    # `isdigit` is true of `²`, too, which `int` refuses.
    if rest and not (rest.isascii() and rest.isdigit() and len(rest) < 6):
        raise Usage
    controller.show_history(int(rest or _PAGE))


@command("read", "", N_("mark everything here as read"))
def _read(controller: ConversationController, rest: str) -> None:
    controller.client.mark_read(controller.current)


@command("search", N_("WORDS"), N_("find messages on this computer"))
def _search(controller: ConversationController, rest: str) -> None:
    found = controller.client.store.search(one(rest), limit=_PAGE + 1)
    # The latest last, as in a conversation.
    for message in reversed(found[:_PAGE]):
        controller.show(message_line(message, controller.me))
    if len(found) > _PAGE:
        said = N_("These are the latest {count}. More words find fewer.")
        controller.show(_(said, count=_PAGE))
    else:
        controller.show(ngettext("{count} message", "{count} messages", len(found)))


@command(
    "mute",
    N_("[NAME|#ROOM] [8h|1d|off]"),
    N_("mute a conversation for a time or for good, or unmute it"),
    more=(N_("30m, 8h, 1d, 2w: for so many minutes, hours, days or weeks; off: no longer"),),
)
def _mute(controller: ConversationController, rest: str) -> None:
    named, length = _name_and_length(controller, rest)
    name, row = _conversation(controller, named)
    is_muted = row is not None and row.muted
    if length is None:
        length = 0.0 if is_muted else inf
    until = time.time() + length if length else 0.0
    controller.client.mute(name, until)
    if not until:
        said = _("{name} is no longer muted", name=shown_name(name))
    elif until == inf:
        said = _("{name} is muted", name=shown_name(name))
    else:
        said = _("{name} is muted until {time}", name=shown_name(name), time=when(until))
    controller.show(said)


@command("pin", N_("[NAME|#ROOM]"), N_("pin a conversation to the top of the list, or unpin it"))
def _pin(controller: ConversationController, rest: str) -> None:
    name, row = _conversation(controller, rest)
    pinned = row is None or not row.pinned
    controller.client.pin(name, pinned=pinned)
    said = N_("{name} is pinned") if pinned else N_("{name} is no longer pinned")
    controller.show(_(said, name=shown_name(name)))


def _conversation(
    controller: ConversationController, rest: str
) -> tuple[str, ConversationSummary | None]:
    """Return the named conversation, or else the open one; raises Usage if there is none."""
    name = one(rest) if rest else controller.current
    row = controller.client.store.summary(name)
    is_open = name in (controller.current, EVERYONE)
    if row is None and not is_open and not is_known(controller, name):
        raise Usage(_("There is no conversation {name}", name=visible(name)))
    return name, row


def _name_and_length(controller: ConversationController, rest: str) -> tuple[str, float | None]:
    """Return the name, and how many seconds follow it; None if there is nothing of the kind."""
    named, _space, last = rest.rpartition(" ")
    found = _LENGTH.fullmatch(last.casefold())
    # Somebody may be called so.
    if found is None or is_known(controller, rest):
        return rest, None
    count, unit = found.groups()
    return named.strip(), int(count) * _SECONDS[unit] if count else 0.0


@command("export", N_("FILE"), N_("save this conversation to a file, as JSON lines"))
def _export(controller: ConversationController, rest: str) -> None:
    file = Path(one(rest)).expanduser()
    # Asked before the messages are read; `save` refuses to overwrite in any case.
    if file.exists():
        controller.show(_("{file} exists already: choose another name", file=file))
        return
    count = save(controller.everything(), file, controller.client)
    said = ngettext(
        "{count} message is in {file}", "{count} messages are in {file}", count, file=file
    )
    controller.show(said)
