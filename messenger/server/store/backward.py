"""Pages of rows from the latest back, as administrators ask for them."""

from typing import Any

from sqlalchemy import Column, Select

from messenger.jim.admin.paging import Backward
from messenger.server.store.schema import MAX_ID


def latest(query: Select[Any], number: Column[int], asked: Backward[Any]) -> Select[Any]:
    """Return the query for the page that was asked for; the ids in `number` grow with time."""
    if asked.before is not None:
        query = query.where(number < min(asked.before, MAX_ID))
    return query.order_by(number.desc()).limit(asked.most)
