"""Commands for messages: send, send again, search, export; and the help."""

from math import inf
from pathlib import Path

from messenger.jim.names import EVERYONE
from messenger.language import N_, _, ngettext
from messenger.output import visible
from messenger.ui.commands.arguments import Usage, is_known, name_and_text, one
from messenger.ui.commands.table import COMMANDS, command, unknown
from messenger.ui.conversation import ConversationController
from messenger.ui.json_lines import save
from messenger.ui.wording import message_line, shown_name

_PAGE = 20


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
    found = controller.client.store.search(one(rest), limit=_PAGE)
    # The latest last, as in a conversation.
    for message in reversed(found):
        controller.show(message_line(message, controller.me))
    count = len(found)
    controller.show(ngettext("{count} message", "{count} messages", count))


@command("mute", N_("[NAME|#ROOM]"), N_("mute a conversation, or unmute it"))
def _mute(controller: ConversationController, rest: str) -> None:
    name = one(rest) if rest else controller.current
    row = controller.client.store.summary(name)
    if (
        row is None
        and name not in (controller.current, EVERYONE)
        and not is_known(controller, name)
    ):
        controller.show(_("There is no conversation {name}", name=visible(name)))
        return
    muted = row is None or not row.muted
    controller.client.store.describe(name, muted_until=inf if muted else 0.0)
    said = N_("{name} is muted") if muted else N_("{name} is no longer muted")
    controller.show(_(said, name=shown_name(name)))


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
