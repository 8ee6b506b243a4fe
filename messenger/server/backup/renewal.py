"""What a restored database must not do again, as its clients have seen it done since the backup."""

from sqlalchemy import Connection, case, update

from messenger.server.store import log_id
from messenger.server.store.schema import devices, one_time_keys

_LEAP = 1_000_000_000
"""By how much the numbers of to-device messages go on: a device reads fewer between a backup and
its restoration, and can be restored nine billion times.
"""
_GREATEST = 2**63 - 1  # of the column


def renew(connection: Connection) -> None:
    """Drop one-time keys, leap over numbers of to-device messages, and give the log another id.

    A one-time key may have been claimed since the backup. Whoever it was returned to a second time
    would begin a session that its device cannot decrypt: devices publish new ones at their next
    login, until then others use the fallback key. The key's id stays, so that the same key is not
    accepted again.

    A device that has read to-device messages since then would take new ones with their numbers for
    those that it has read. Numbers of the log stay dense, so these are given again: clients compare
    it with what they have stored, as the id of the log has changed.
    """
    connection.execute(update(one_time_keys).values(key=None))
    last = devices.c.last_to_device
    leaped = case((last > _GREATEST - _LEAP, last), else_=last + _LEAP)
    connection.execute(update(devices).values(last_to_device=leaped))
    log_id.renew(connection)
