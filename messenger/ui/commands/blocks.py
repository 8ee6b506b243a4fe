"""Commands against unwanted people: block them, report them to the administrators."""

from messenger.jim.names import is_room
from messenger.language import N_, _, ngettext
from messenger.ui.commands.arguments import Usage, name_and_text, one
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.reports import MAX_SHOWN, messages_to_show, place_of
from messenger.ui.wording import message_line, shown_name


@command(
    "block", N_("NAME"), N_("let nothing of somebody reach you any more; in rooms it is hidden")
)
def _block(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    controller.client.block(name)
    said = _(
        "{name} is blocked: nothing of theirs reaches you any more, and what they write in rooms "
        "is hidden. They are not told so, but that you do not accept their messages.",
        name=shown_name(name),
    )
    controller.show(said)


@command("unblock", N_("NAME"), N_("let somebody reach you again"))
def _unblock(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    controller.client.unblock(name)
    controller.show(_("{name} is unblocked", name=shown_name(name)))


@command("blocked", "", N_("list whom you have blocked"))
def _blocked(controller: ConversationController, rest: str) -> None:
    names = controller.client.blocked()
    for name in names:
        controller.show(shown_name(name))
    if not names:
        controller.show(_("You have blocked nobody."))


@command(
    "report",
    N_('NAME|"NAME WITH SPACES"|#ROOM [COUNT] REASON'),
    N_("report somebody, or a room, to the administrators"),
    more=(N_("COUNT of their last messages here are shown to the administrators"),),
)
def _report(controller: ConversationController, rest: str) -> None:
    name, text = name_and_text(controller, one(rest))
    count, reason = _count_and_reason(text)
    if not reason:
        raise Usage
    place = place_of(name, controller.current)
    messages = messages_to_show(controller.client.store, name, place, count)
    for message in messages:
        controller.show(message_line(message, controller.me))
    said = ngettext(
        "The administrators will see your name, this reason, and {count} message",
        "The administrators will see your name, this reason, and {count} messages",
        len(messages),
    )
    question = _("Report {name}?", name=shown_name(name))
    if not controller.prompter.agrees(f"{said}. {question}"):
        return
    if is_room(name):
        answer = controller.client.report(room=name, reason=reason, messages=messages)
    else:
        room = place if is_room(place) else ""
        answer = controller.client.report(name, room=room, reason=reason, messages=messages)
    controller.show(answer or _("The administrators will see your report"))


def _count_and_reason(text: str) -> tuple[int, str]:
    """Return how many messages are to be shown, and the reason; raises Usage for too many."""
    first, _space, reason = text.partition(" ")
    # `isdigit` is true of `²`, too, which `int` refuses.
    if not (first.isascii() and first.isdigit()):
        return 0, text
    if len(first) > len(str(MAX_SHOWN)) or int(first) > MAX_SHOWN:
        raise Usage(_("A report shows at most {most} messages.", most=MAX_SHOWN))
    return int(first), reason.strip()
