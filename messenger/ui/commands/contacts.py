"""Commands for people: contacts, information about a user, search."""

from messenger.language import N_, _
from messenger.ui.commands.arguments import one
from messenger.ui.commands.people_lines import show_people
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.wording import shown_name


@command("contacts", "", N_("list your contacts"))
def _contacts(controller: ConversationController, rest: str) -> None:
    people = controller.client.contacts()
    if not controller.client.core.is_plain_server:
        show_people(controller, people)
    else:  # A plain server does not report who is online.
        for person in people:
            controller.show(shown_name(person.account_name))
    if not people:
        controller.show(_("No contacts yet: /add NAME"))


@command("add", N_("NAME"), N_("add somebody to your contacts"))
def _add(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    if name == controller.me:
        controller.show(_("You cannot add yourself to your contacts."))
        return
    known = name in controller.client.store.contacts()
    controller.client.add_contact(name)
    said = N_("{name} is already a contact") if known else N_("{name} is a contact now")
    controller.show(_(said, name=shown_name(name)))


@command("del", N_("NAME"), N_("remove somebody from your contacts"))
def _del(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    controller.client.remove_contact(name)
    controller.show(_("{name} was removed from your contacts", name=shown_name(name)))


@command("whois", N_("NAME"), N_("show who somebody is, and when they were online last"))
def _whois(controller: ConversationController, rest: str) -> None:
    show_people(controller, [controller.client.whois(one(rest))])


@command("find", N_("START"), N_("find people by the start of their name"))
def _find(controller: ConversationController, rest: str) -> None:
    people = controller.client.search(one(rest))
    show_people(controller, people)
    if not people:
        controller.show(_("No users found."))
