"""Completing the user's requests about rooms: ids of new rooms, and settings of encryption."""

from typing import Any

from messenger.jim.base import Reply, Request
from messenger.jim.names import room_name
from messenger.jim.rooms import CloseRoom, EncryptRoom, Join, Joined, Leave, ShowHistory
from messenger.sdk.encryption import Encryption
from messenger.sdk.ids import new_room_id
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.store import Store


def completed(
    request: Request[Any], on_answer: OnAnswer, store: Store, encryption: Encryption
) -> OnAnswer:
    """Complete a request; return the callback for its reply.

    A new room gets an id. What the user decides about who can read a room is stored, because the
    server could claim something else later.
    """
    if isinstance(request, Join) and request.unique_id is None:
        # By the creator's client: a server could give a new room the id of an earlier one.
        request.unique_id = new_room_id()
    if not isinstance(request, Join | Leave | CloseRoom | EncryptRoom | ShowHistory):
        return on_answer

    def answered(answer: Answer) -> None:
        if isinstance(request, Join) and isinstance(answer, Joined):
            _joined(request, answer, encryption)
        elif isinstance(answer, Reply):
            _done(request, store, encryption)
        on_answer(answer)

    return answered


def _done(request: Request[Any], store: Store, encryption: Encryption) -> None:
    """Store what the user has decided about a room."""
    if isinstance(request, EncryptRoom):
        encryption.plain.note_encrypted(request.room)
    elif isinstance(request, Leave | CloseRoom):
        encryption.members.forget(request.room)
    elif isinstance(request, ShowHistory):
        store.describe(request.room, history=request.shown)
        encryption.history.decide(request.room, shown=request.shown)


def _joined(request: Join, joined: Joined, encryption: Encryption) -> None:
    """Store whether a room is encrypted: for a new one that is the user's decision."""
    room = room_name(request.room)
    if joined.made and request.unique_id is not None:
        encryption.rooms.learn(room, request.unique_id)
    made_encrypted = joined.made and request.encrypted is not False and encryption.is_used
    if joined.encrypted or made_encrypted:
        encryption.plain.note_encrypted(room)
    else:
        encryption.plain.note_open(room, made=joined.made)
