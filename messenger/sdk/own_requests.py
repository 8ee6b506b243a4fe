"""What a client adds to requests of its user that encryption has a part in."""

from typing import Any

from messenger.jim.replies import Reply
from messenger.jim.requests import Join, Request, ShowHistory
from messenger.sdk.ids import new_room_id
from messenger.sdk.link import Answer, OnAnswer
from messenger.sdk.sealing import Sealing
from messenger.sdk.store import Store


def completed(
    request: Request[Any], on_answer: OnAnswer, store: Store, sealing: Sealing
) -> OnAnswer:
    """Complete a request; return what is to get its answer.

    A room that it makes gets an id of its own; what it says of a room's history is kept, and
    signed.
    """
    if isinstance(request, Join) and request.unique_id is None:
        request.unique_id = new_room_id()
    if not isinstance(request, ShowHistory):
        return on_answer

    def answered(answer: Answer) -> None:
        if isinstance(answer, Reply):
            store.describe(request.room, history=request.shown)
            sealing.history.decide(request.room, shown=request.shown)
        on_answer(answer)

    return answered
