"""Commands for people: contacts, who somebody is, who there is."""

from messenger.jim.contacts import AddContact, DelContact, GetContacts, Search, Whois
from messenger.language import N_, _
from messenger.ui.commands.answers import show_people
from messenger.ui.commands.arguments import one
from messenger.ui.commands.table import command
from messenger.ui.conversation import ConversationController
from messenger.ui.wording import shown_name


@command("contacts", "", N_("list your contacts"))
def _contacts(controller: ConversationController, rest: str) -> None:
    names = controller.client.ask(GetContacts(user_login=controller.me)).contacts or []
    controller.client.store.set_contacts(names)
    for name in names:
        show_people(controller, controller.client.ask(Whois(account_name=name)).people)
    if not names:
        controller.show(_("No contacts yet: /add NAME"))


@command("add", N_("NAME"), N_("add somebody to your contacts"))
def _add(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    if name == controller.me:
        controller.show(_("You cannot add yourself to your contacts."))
        return
    known = name in controller.client.store.contacts()
    controller.client.ask(AddContact(user_id=name, user_login=controller.me))
    said = N_("{name} is already a contact") if known else N_("{name} is a contact now")
    controller.show(_(said, name=shown_name(name)))


@command("del", N_("NAME"), N_("remove somebody from your contacts"))
def _del(controller: ConversationController, rest: str) -> None:
    name = one(rest)
    controller.client.ask(DelContact(user_id=name, user_login=controller.me))
    controller.show(_("{name} was removed from your contacts", name=shown_name(name)))


@command("whois", N_("NAME"), N_("show who somebody is, and when they were online last"))
def _whois(controller: ConversationController, rest: str) -> None:
    show_people(controller, controller.client.ask(Whois(account_name=one(rest))).people)


@command("find", N_("START"), N_("find people by the start of their name"))
def _find(controller: ConversationController, rest: str) -> None:
    people = controller.client.ask(Search(prefix=one(rest))).people
    show_people(controller, people)
    if not people:
        controller.show(_("No users found."))
