"""Messages to people, rooms and the common chat: checked, then appended to the log."""

import time
from collections.abc import Coroutine
from typing import Any

import msgspec

from messenger.crypto.devices import MEGOLM
from messenger.jim.base import Reply
from messenger.jim.codec import encode
from messenger.jim.errors import BadRequest, Forbidden, ServerError, TextTooLong
from messenger.jim.messages import SendMessage, Typing, TypingNotice
from messenger.jim.names import EVERYONE, is_room
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.append import Append, Check
from messenger.server.blocks import check_accepts
from messenger.server.frames import PlainFrame, extras_of, with_extras
from messenger.server.records import Account, Conversation, DeviceList, Session
from messenger.server.refreshing import refresh
from messenger.server.routing import joined_room, route
from messenger.server.services import Services
from messenger.server.store.backend import RETRY_AFTER

_LATEST_TIME = 1e11  # the year 5138: some clients write milliseconds, which no client could show
_MAX_ROUNDS = 5  # checks of one message: so many changes during so few transactions are an attack
_NUMBERS = (float, int)  # not bool, which is an int too


@action(SendMessage, rate="message", pipelined=True, with_frame=True)
@log
@login_required
def send_message(
    services: Services, session: Session, account: Account, request: SendMessage, frame: bytes
) -> Coroutine[Any, Any, None] | None:
    """Append a message to its conversation's log; it is answered once it is committed."""
    if request.from_ is not msgspec.UNSET and request.from_ != account.name:
        raise Forbidden("You are {name}: leave out `from`, or write that name", name=account.name)
    # Ciphertext is longer than its text: the size of the object bounds it.
    if len(request.message) > services.limits.text_length and request.encoding != MEGOLM:
        raise TextTooLong("A text has at most {most} characters", most=services.limits.text_length)
    conversation = account.routes.get(request.to)
    # Most messages need nothing awaited, so they cost no coroutine and no task.
    if (
        conversation is None
        or account.id is None
        or (conversation.device_list is None and request.devices is not msgspec.UNSET)
    ):
        return _find_and_append(services, session, account, request, frame)
    _append(services, session, account, conversation, request, frame)
    return None


async def _find_and_append(
    services: Services, session: Session, account: Account, request: SendMessage, frame: bytes
) -> None:
    """Append a message to a conversation that is not among the sender's cached routes."""
    conversation = await route(services, account, request.to)
    if request.devices is not msgspec.UNSET:
        await services.device_lists.of(conversation)
        check_accepts(account, request.to)  # Again, as a block may have begun meanwhile.
    _append(services, session, account, conversation, request, frame)


def _append(
    services: Services,
    session: Session,
    account: Account,
    conversation: Conversation,
    request: SendMessage,
    frame: bytes,
) -> None:
    """Pass a message to the journal; nothing may be awaited between the checks and that."""
    _check_encryption(services, conversation, request)
    assert account.id is not None  # `route` stores a guest
    stored = _stored(account, request, frame)
    sent_id = request.id if session.numbers and isinstance(request.id, str) else None
    after = None if request.after is msgspec.UNSET else request.after
    session.outstanding += 1
    entry = Append(conversation, session, account.id, sent_id, stored, request.id, after)
    if services.journal.is_shared:
        entry.check = Check(account, request, conversation.known_changes)
    services.journal.append(entry)


async def check_again(services: Services, entry: Append) -> None:
    """Check a message that was checked before a change of its conversation, and append it again.

    What it is refused for now goes through the journal, too: it is answered in its order.
    """
    assert entry.check is not None  # only such messages come back
    try:
        await _check_again(services, entry, entry.check)
    # Whatever it is: the message must be answered.
    except Exception as error:
        entry.check.refusal = error
    services.journal.append(entry)


async def _check_again(services: Services, entry: Append, check: Check) -> None:
    account, request = check.account, check.request
    check.is_outdated, check.refusal = False, None
    check.rounds += 1
    if check.rounds > _MAX_ROUNDS:
        raise ServerError(
            "The message could not be stored: send it again later", retry_after=RETRY_AFTER
        )
    await refresh(services, entry.conversation, check.changes)
    if entry.conversation.pair is not None:
        account.routes.pop(request.to, None)  # A block is looked for where it is found anew.
    entry.conversation = conversation = account.routes.get(request.to) or await route(
        services, account, request.to
    )
    if request.devices is not msgspec.UNSET:
        await services.device_lists.of(conversation)
        check_accepts(account, request.to)
    check.known_changes = conversation.known_changes
    _check_encryption(services, conversation, request)


def _stored(account: Account, request: SendMessage, frame: bytes) -> bytes:
    """Return the frame to store; `frame` is the request's."""
    written = request.time
    if type(written) not in _NUMBERS or not -_LATEST_TIME < written < _LATEST_TIME:
        written = time.time()
    encoding = "utf-8" if request.encoding is msgspec.UNSET else request.encoding
    # Encoded anew: bytes of the sender could have a key twice, or one that the server sets.
    stored = encode(PlainFrame(written, request.to, account.name, encoding, request.message))
    extras = _extras(frame, request)
    return with_extras(stored, extras) if extras else stored


def _check_encryption(services: Services, conversation: Conversation, request: SendMessage) -> None:
    """Refuse a message that is not encrypted as the conversation and its members require."""
    if request.encoding == MEGOLM:
        _check_encrypted(conversation, request)
    elif conversation.encrypted:
        raise Forbidden(
            "{name} is encrypted: use a client that supports encryption", name=conversation.name
        )
    if request.devices is not msgspec.UNSET:
        device_list = services.device_lists.check(conversation, request.devices)
        if request.encoding == MEGOLM:
            _check_everybody_decrypts(device_list)


def _check_encrypted(conversation: Conversation, request: SendMessage) -> None:
    """Refuse an encrypted message that does not say for which devices it is encrypted.

    Otherwise junk could make clients treat the conversation as encrypted for good.
    """
    if conversation.name == EVERYONE:
        raise Forbidden("The common chat accepts no encrypted messages: everyone can read it")
    if request.devices is msgspec.UNSET:
        raise BadRequest(
            "An encrypted message needs `devices`: the version of the device list that it is "
            "encrypted for"
        )


def _check_everybody_decrypts(device_list: DeviceList) -> None:
    """Refuse an encrypted message where somebody has no device that can decrypt it."""
    if device_list.plain:
        names = ", ".join(sorted(device_list.plain))
        raise Forbidden("{names} cannot read encrypted messages", names=names)


def _extras(frame: bytes, request: SendMessage) -> dict[str, Any]:
    """Return the unknown keys, to be passed on to clients."""
    known = (
        3  # action, to, message
        + (request.time is not None)
        + (request.from_ is not msgspec.UNSET)
        + (request.encoding is not msgspec.UNSET)
        + (request.id is not None)
        + (request.devices is not msgspec.UNSET)
        + (request.after is not msgspec.UNSET)
    )
    # An object with no more colons than known keys has no others: nearly every message.
    if frame.count(b":") == known:
        return {}
    try:
        return extras_of(frame)
    except ValueError as error:
        raise BadRequest("{action}: {reason}", action="msg", reason=error) from error


@action(Typing)
@log
@login_required
def typing(services: Services, session: Session, account: Account, request: Typing) -> Reply:
    """Send a typing notice to a conversation's other members; it is never stored."""
    if is_room(request.to):
        conversation = joined_room(services, account, request.to)
        if len(conversation.subscribers) > services.limits.typing_max_members:
            return Reply(200)
        sessions = list(conversation.subscribers)
        name = conversation.name
    else:
        other = services.online.get(request.to)
        sessions = list(other.sessions) if other else []
        name = account.name
    notice = TypingNotice(
        time=time.time(), conversation=name, from_=account.name, stopped=request.stopped
    )
    # Not to the user's other devices: nobody types to himself.
    others = (
        one
        for one in sessions
        if (other := one.account) is not None
        and other is not account
        and not account.is_apart_from(other.name)
    )
    services.events.send(notice, others)
    return Reply(200)
