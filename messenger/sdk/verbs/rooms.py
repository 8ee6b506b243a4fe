"""Verbs for rooms: join, leave, list, members, and what only a room's creator may do."""

from messenger.jim.contacts import Person
from messenger.jim.rooms import (
    CloseRoom,
    EncryptRoom,
    Invite,
    Join,
    Joined,
    Kick,
    Leave,
    ListMembers,
    ListRooms,
    Rooms,
    ShowHistory,
    Topic,
)
from messenger.sdk.verbs.shell import Shell
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, verb


class RoomVerbs(Shell):
    """Verbs for rooms; they raise as `ask` does."""

    @verb
    async def join(
        self, room: str, *, encrypted: bool | None = None, timeout: float = ANSWER_TIMEOUT
    ) -> Joined:
        """Become a member of a room, which is created if there is none of that name.

        A new room is end-to-end encrypted unless `encrypted` is False or the user is a guest.
        """
        return await self._ask(Join(room=room, encrypted=encrypted), timeout)

    @verb
    async def leave(self, room: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Leave a room."""
        await self._ask(Leave(room=room), timeout)

    @verb
    async def list_rooms(
        self, after: str = "", *, joined: bool = False, timeout: float = ANSWER_TIMEOUT
    ) -> Rooms:
        """Return a page of the rooms by name, `joined` only the user's own.

        The next page comes `after` the name that this one has in `next`, None on the last one.
        """
        return await self._ask(ListRooms(after=after, joined=joined), timeout)

    @verb
    async def members(self, room: str, timeout: float = ANSWER_TIMEOUT) -> list[Person]:
        """Return the members of a room, or who is online for the common chat."""
        return (await self._ask(ListMembers(room=room), timeout)).people

    @verb
    async def invite(self, room: str, name: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Invite a user to a room that this user is in; the creator's invitation lifts a ban."""
        await self._ask(Invite(room=room, account_name=name), timeout)

    @verb
    async def set_topic(self, room: str, topic: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Set the topic of a room; an empty one clears it."""
        await self._ask(Topic(room=room, topic=topic), timeout)

    # --- for creators only ---------------------------------------------------------------------

    @verb
    async def kick(
        self, room: str, name: str, *, ban: bool = False, timeout: float = ANSWER_TIMEOUT
    ) -> None:
        """Remove a member from the user's room, with `ban` for good."""
        await self._ask(Kick(room=room, account_name=name, ban=ban), timeout)

    @verb
    async def close_room(self, room: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Close the user's room for good."""
        await self._ask(CloseRoom(room=room), timeout)

    @verb
    async def encrypt_room(self, room: str, timeout: float = ANSWER_TIMEOUT) -> None:
        """Allow only encrypted messages in the user's room, for good."""
        await self._ask(EncryptRoom(room=room), timeout)

    @verb
    async def show_history(
        self, room: str, *, shown: bool = True, timeout: float = ANSWER_TIMEOUT
    ) -> None:
        """Set whether new members of the user's room can read older messages."""
        await self._ask(ShowHistory(room=room, shown=shown), timeout)
