"""Administrators see the server's figures, and nobody else does."""

import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from messenger.jim.admin.stats import ReadStats, ServerStats, StatsSeries
from messenger.jim.codec import decode_reply, encode
from messenger.server.actions import TABLE
from messenger.server.records import Session
from messenger.server.statistics import plots
from messenger.server.store.statistics import Figures
from tests.in_process import InProcessServer, Users
from tests.running import Talker

if TYPE_CHECKING:
    from messenger.server.connection import Connection

EVERY_RANGE = ("hour", "day", "month", "year")


def ask(server: InProcessServer, **keys: Any) -> ServerStats:
    """Return the reply that an operator gets, as a client decodes it."""
    session = Session(cast("Connection", None), "", 0)
    session.is_operator = True

    async def answer() -> Any:
        return await TABLE[ReadStats].handler(server.server.services, session, ReadStats(**keys))

    return decode_reply(encode(server.loop.run_until_complete(answer())), ServerStats)


def test_others_are_refused(server: Any, talker: Any, name: Any) -> None:
    client: Talker = talker()
    assert client.ask("admin_stats")["response"] == 401
    client.register_quickly(name("ann"))
    client.log_in_fully(name("ann"))

    answer = client.ask("admin_stats", range="hour")

    assert answer["response"] == 403
    assert "now" not in answer


def test_an_administrator_sees_what_the_server_does(
    in_process_server: InProcessServer, user: Users
) -> None:
    ann, before = user("ann"), ask(in_process_server)
    assert before.series is None

    ann.send_text("#all", "counted")
    in_process_server.settle()
    now = ask(in_process_server).now

    assert now.messages == before.now.messages + 1
    assert now.bytes > before.now.bytes
    assert now.messages_per_minute > 0
    assert now.p50 is not None
    assert now.p99 is not None
    assert 0 < now.p50 <= now.p99 < 60
    assert now.online >= 1
    assert now.database == "sqlite"
    assert 0 <= time.time() - now.started < 3600


@pytest.mark.parametrize("length", EVERY_RANGE)
def test_each_range_has_a_series_with_as_many_values_as_times(
    in_process_server: InProcessServer, length: str
) -> None:
    server = in_process_server
    began = time.time()
    for _ in range(2):  # The first is for all the time since the last one.
        server.loop.run_until_complete(server.server.services.statistics.record())

    series = ask(server, range=length).series

    assert series is not None
    assert began - series.step < series.times[-1] <= time.time()
    for name in StatsSeries.__struct_fields__[1:]:
        assert len(getattr(series, name)) == len(series.times), name
    assert series.memory[-1] > 10 * 2**20


def test_rates_are_of_the_time_in_which_the_server_ran() -> None:
    figures = Figures(seconds=30, messages=50, cpu=15)

    assert plots.per_minute(figures, figures.messages) == 100
    assert plots.cores(figures) == 0.5
    assert plots.latency(figures, 0.5) is None
    assert plots.per_minute(Figures(), 0) == plots.cores(Figures()) == 0
