"""The model of a list of people: contacts, or the members of a room."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import structs
from PyQt6.QtCore import QAbstractListModel, QModelIndex, Qt

from messenger.language import _
from messenger.output import visible
from messenger.sdk.results import Person
from messenger.sdk.store import IdentityTrust
from messenger.ui.conversation_lines import presence_text
from messenger.ui.conversation_list import matching
from messenger.ui.people import in_order
from messenger.ui.wording import person_line

PERSON = Qt.ItemDataRole.UserRole
"""The role of a `PersonRow`."""

_NOWHERE = QModelIndex()


class PersonRow(NamedTuple):
    """A person as a list shows them."""

    person: Person
    trust: IdentityTrust = IdentityTrust.UNKNOWN
    is_me: bool = False

    @property
    def name(self) -> str:
        """The person's name."""
        return self.person.account_name

    @property
    def line(self) -> str:
        """What is said below the name: presence, and the status."""
        parts = [presence_text(self.person)]
        parts += [_("guest")] if self.person.guest else []
        parts += [visible(self.person.status)] if self.person.status else []
        return " · ".join(parts)


class PeopleModel(QAbstractListModel):
    """People, those online first, or those of them whose names match a filter."""

    def __init__(self, me: str) -> None:
        super().__init__()
        self._me = me
        self._people: dict[str, Person] = {}
        self._trusts: Mapping[str, IdentityTrust] = {}
        self._words = ""
        self.rows: list[PersonRow] = []

    # --- queries ---------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """Return the number of shown people."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name, the `PersonRow`, or all that it shows as a text."""
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == PERSON:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return person_line(row.person, row.trust)
        return None

    def person(self, name: str) -> Person | None:
        """Return somebody of them."""
        return self._people.get(name)

    @property
    def people(self) -> list[Person]:
        """All of them, in any order."""
        return list(self._people.values())

    # --- changes ---------------------------------------------------------------------------------

    def show(self, people: Iterable[Person]) -> None:
        """Show these people in the place of all others."""
        self._people = {person.account_name: person for person in people}
        self._arrange()

    def update(self, people: Iterable[Person]) -> None:
        """Show changes of those who are shown; others are left out."""
        before = dict(self._people)
        for one in people:
            if (known := self._people.get(one.account_name)) is not None:
                # Only lists of members say who has created a room.
                self._people[one.account_name] = structs.replace(one, creator=known.creator)
        if self._people != before:
            self._arrange()

    def trust(self, trusts: Mapping[str, IdentityTrust]) -> None:
        """Show how far they are trusted."""
        self._trusts = trusts
        self._arrange()

    def filter(self, words: str) -> None:
        """Show only people whose names contain the words."""
        self._words = words.strip()
        self._arrange()

    def _arrange(self) -> None:
        shown = set(matching(self._people, self._words))
        unknown = IdentityTrust.UNKNOWN
        rows = [
            PersonRow(
                one, self._trusts.get(one.account_name, unknown), one.account_name == self._me
            )
            for one in in_order(self._people.values())
            if one.account_name in shown
        ]
        if rows == self.rows:
            return
        if [row.name for row in rows] == [row.name for row in self.rows]:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        if len(rows) == len(self.rows) and {row.name for row in rows} == {
            row.name for row in self.rows
        }:
            self._reorder(rows)
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def _reorder(self, rows: list[PersonRow]) -> None:
        """Show the same people in another order; the chosen one stays chosen."""
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self.rows[index.row()].name) for index in self.persistentIndexList()]
        self.rows = rows
        places = {row.name: place for place, row in enumerate(rows)}
        for index, name in kept:
            self.changePersistentIndex(index, self.index(places[name]))
        self.layoutChanged.emit()
