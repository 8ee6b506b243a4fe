"""The types of the wire that verbs return, and that user interfaces may use."""

from messenger.jim.accounts import LoginRecord
from messenger.jim.contacts import ContactChanged, Person
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import Joined, Room, RoomChanged

__all__ = [
    "ContactChanged",
    "Joined",
    "LoginRecord",
    "Person",
    "ReceiptChanged",
    "Room",
    "RoomChanged",
    "TypingNotice",
]
