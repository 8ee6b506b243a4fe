"""What a client's database is asked all the time: SQLAlchemy writes it once, not every time.

To write a statement takes it longer than to run one. The parameters are named here beside each.
"""

from functools import cache

from sqlalchemy import BindParameter, Update, bindparam, func, insert, or_, select, update

from messenger.sdk.store.messages import MessageState
from messenger.sdk.store.schema import conversations, identities, messages

_OF: BindParameter[str] = bindparam("of")
_UNSENT = messages.c.state == MessageState.UNSENT

ADD_MESSAGE = insert(messages).returning(*messages.c)
"""Its parameters are columns."""

NEXT_UNSENT = select(messages).where(_UNSENT).order_by(messages.c.id).limit(1)
COUNT_UNSENT = select(func.count()).where(_UNSENT)

CONVERSATION = select(conversations).where(conversations.c.name == _OF)
SYNCED = select(conversations.c.synced).where(conversations.c.name == _OF)
TRUST = select(identities.c.trust).where(identities.c.account == _OF)
TRUSTS = select(identities.c.account, identities.c.trust)
"""`of`: the conversation or the account."""

CHANGE_MESSAGE = (
    update(messages).where(messages.c.sent_id == bindparam("which")).returning(*messages.c)
)
"""`which`: what it was sent under; the other parameters are columns."""


def _reach(state: MessageState, *before: MessageState) -> Update:
    return (
        update(messages)
        .where(messages.c.conversation == _OF, messages.c.seq.between(1, bindparam("up_to")))
        .where(or_(*(messages.c.state == one for one in before)))
        .values(state=state)
        .returning(*messages.c)
    )


REACH_READ = _reach(MessageState.READ, MessageState.SENT, MessageState.DELIVERED)
REACH_DELIVERED = _reach(MessageState.DELIVERED, MessageState.SENT)
"""`of`: the conversation; `up_to`: a number."""


@cache
def describe(*columns: str) -> Update:
    """Return what sets these columns of a conversation; how far readers have come only grows.

    `of`: the conversation; `new_...`: the column's value.
    """
    new: dict[str, BindParameter[object]] = {name: bindparam(f"new_{name}") for name in columns}
    grown = {
        name: func.max(conversations.c[name], new[name])
        for name in ("delivered", "read")
        if name in new
    }
    return update(conversations).where(conversations.c.name == _OF).values(**new | grown)
