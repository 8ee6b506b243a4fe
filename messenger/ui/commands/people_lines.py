"""Answers that commands of several topics share."""

from collections.abc import Iterable

from messenger.sdk.results import Person
from messenger.ui.conversation import ConversationController
from messenger.ui.wording import person_line


def show_people(controller: ConversationController, people: Iterable[Person]) -> None:
    """Show a line for each person, with presence and trust."""
    for person in people:
        trust = controller.client.keys.trust_of(person.account_name)
        controller.show(person_line(person, trust))
