"""To-device messages: stored until their device has read them, up to a quota per device."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import heapify, heapreplace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from messenger.server.store.schema import accounts, devices, to_device_messages


class ToDeviceRow(NamedTuple):
    """A stored to-device message."""

    seq: int
    sender: str
    message: str


class Quota(NamedTuple):
    """How many to-device messages may wait for a device: in all, per sender, and their bytes."""

    max_count: int
    max_of_sender: int
    max_bytes_of_sender: int


class _Share(NamedTuple):
    """A sender's share of a device's queue: how many more fit, and whether it owns the device."""

    sender: str
    free: int
    is_own: bool


def add_to_device(
    connection: Connection, sender: str, written: Iterable[tuple[str, str, str]], quota: Quota
) -> list[int | None]:
    """Store messages, each (account, device_id, message); return their numbers.

    The number is None if there is no such device, or its queue is full. A sender's newest messages
    replace its own oldest ones. In a full queue they replace the oldest ones of the sender with the
    most, as long as that one has more. An account's own devices always reach each other.
    """
    # A device's queue is counted once, however many of the messages are for it.
    by_device: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for index, (account, device_id, message) in enumerate(written):
        by_device[account, device_id].append((index, message))
    numbers: dict[int, int | None] = {}
    for (account, device_id), found in by_device.items():
        added = _add(
            connection, sender, account, device_id, [message for _, message in found], quota
        )
        numbers.update(zip((index for index, _message in found), added, strict=True))
    return [numbers[index] for index in sorted(numbers)]


def _add(
    connection: Connection,
    sender: str,
    account: str,
    device_id: str,
    messages: Sequence[str],
    quota: Quota,
) -> list[int | None]:
    """Store messages for one device."""
    device = _device(connection, account, device_id)
    if device is None:
        return [None] * len(messages)
    sizes = [len(message.encode()) for message in messages]
    left_out = _too_many(sizes, quota)
    removed = _make_room(connection, device.id, sender, sizes[left_out:], quota)
    free = max(0, quota.max_count - (device.waiting - removed))
    wanted = len(messages) - left_out
    if wanted > free:
        share = _Share(sender, free, is_own=sender == account)
        free += _take_from_others(connection, device.id, share, wanted - free)
    kept = range(left_out, min(len(messages), left_out + free))
    rows = [
        {
            "device_row": device.id,
            "seq": device.last_to_device + number,
            "sender": sender,
            "message": messages[index],
            "size": sizes[index],
        }
        for number, index in enumerate(kept, 1)
    ]
    if rows:
        connection.execute(insert(to_device_messages), rows)
        last = update(devices).where(devices.c.id == device.id)
        connection.execute(last.values(last_to_device=rows[-1]["seq"]))
    seqs = iter(rows)
    return [next(seqs)["seq"] if index in kept else None for index in range(len(messages))]


def _device(connection: Connection, account: str, device_id: str) -> Any:
    theirs = to_device_messages.c.device_row == devices.c.id
    waiting = select(func.count()).select_from(to_device_messages).where(theirs).correlate(devices)
    query = (
        select(devices.c.id, devices.c.last_to_device, waiting.scalar_subquery().label("waiting"))
        .select_from(devices.join(accounts, accounts.c.id == devices.c.account_id))
        .where(accounts.c.name == account, ~accounts.c.guest, devices.c.public_id == device_id)
        # A device without keys could not decrypt it.
        .where(devices.c.signed_keys.is_not(None))
    )
    return connection.execute(query).first()


def _too_many(sizes: Sequence[int], quota: Quota) -> int:
    """Return how many of the first messages do not fit even into a sender's empty share."""
    total = sum(sizes)
    for index, size in enumerate(sizes):
        if len(sizes) - index <= quota.max_of_sender and total <= quota.max_bytes_of_sender:
            return index
        total -= size
    return len(sizes)


def _make_room(
    connection: Connection, number: int, sender: str, sizes: Sequence[int], quota: Quota
) -> int:
    """Delete as many of a sender's oldest messages as the new ones need; return how many."""
    mine = and_(to_device_messages.c.device_row == number, to_device_messages.c.sender == sender)
    query = select(func.count(), func.coalesce(func.sum(to_device_messages.c.size), 0)).where(mine)
    count, total = connection.execute(query).one()
    count, total = count + len(sizes), total + sum(sizes)
    removed, last = 0, 0
    # One by one: of a long queue few have to go.
    with connection.execute(_oldest(mine)) as oldest:
        while count - removed > quota.max_of_sender or total > quota.max_bytes_of_sender:
            row = oldest.fetchone()
            if row is None:
                break
            last, total, removed = row.seq, total - row.size, removed + 1
    if removed:
        connection.execute(delete(to_device_messages).where(mine, to_device_messages.c.seq <= last))
    return removed


def _take_from_others(connection: Connection, number: int, share: _Share, wanted: int) -> int:
    """Delete the oldest messages of senders that have more than this one; return how many."""
    waiting = to_device_messages.c.device_row == number
    query = (
        select(to_device_messages.c.sender, func.count())
        .where(waiting)
        .group_by(to_device_messages.c.sender)
    )
    counts = {row[0]: row[1] for row in connection.execute(query)}
    mine = counts.pop(share.sender, 0) + share.free
    largest = [(-count, other) for other, count in counts.items()]
    heapify(largest)
    taken: Counter[str] = Counter()
    for index in range(wanted if largest else 0):
        count, other = -largest[0][0], largest[0][1]
        if count <= (0 if share.is_own else mine + index + 1):
            break
        heapreplace(largest, (1 - count, other))
        taken[other] += 1
    for other, count in taken.items():
        theirs = and_(waiting, to_device_messages.c.sender == other)
        oldest = (
            select(to_device_messages.c.seq)
            .where(theirs)
            .order_by(to_device_messages.c.seq)
            .limit(count)
        )
        connection.execute(
            delete(to_device_messages).where(waiting, to_device_messages.c.seq.in_(oldest))
        )
    return taken.total()


def _oldest(mine: ColumnElement[bool]) -> Any:
    return (
        select(to_device_messages.c.seq, to_device_messages.c.size)
        .where(mine)
        .order_by(to_device_messages.c.seq)
    )


def inbox(
    connection: Connection, number: int, after: int, limit: int
) -> tuple[Sequence[ToDeviceRow], int]:
    """Delete the messages up to `after`, which are read; return the next, and the last number.

    If `after` is greater than the last number, the database was restored from a backup since: it
    says nothing then, and all messages are returned.
    """
    mine = to_device_messages.c.device_row == number
    query = select(devices.c.last_to_device).where(devices.c.id == number)
    last = int(connection.scalar(query) or 0)
    if after <= last:
        connection.execute(
            delete(to_device_messages).where(mine, to_device_messages.c.seq <= after)
        )
    query = select(
        to_device_messages.c.seq, to_device_messages.c.sender, to_device_messages.c.message
    ).where(mine)
    rows = connection.execute(query.order_by(to_device_messages.c.seq).limit(limit)).all()
    return [ToDeviceRow(*row) for row in rows], last
