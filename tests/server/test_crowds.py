"""Many at once: everyone writes to the common chat, and everyone gets it all, in one order."""

import asyncio
import json
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import RunningServer, Talker, running


@pytest.mark.soak
@pytest.mark.parametrize(
    ("on_engine", "whole"), [("uvloop", 1_000), ("epoll", 1_000), ("select", 500)]
)
def test_r13_a_crowd_talks_in_the_common_chat(
    tmp_path: Path, on_engine: str, whole: int, size: Callable[[int, int], int]
) -> None:
    # Never more than the whole: `select` has no room for them.
    count = min(whole, size(300, whole))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4 * count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * count), hard))
    with running(tmp_path, "--engine", on_engine, "--limits", "off") as server:
        heard = asyncio.run(asyncio.wait_for(crowd(server.port, count), 150))

    everything = {f"from {number}" for number in range(count)}
    order = heard[0][1]
    assert {text for _, texts in heard for text in texts} == everything
    places = {text: place for place, text in enumerate(order)}
    for number, (name, texts) in enumerate(heard):
        assert len(texts) == count - 1, f"{name} has heard {len(texts)}"
        assert set(texts) == everything - {f"from {number}"}
        # All in the order of the log: as the first has it, who lacks only his own message.
        found = [places[text] for text in texts if text in places]
        assert found == sorted(found)


async def crowd(port: int, count: int) -> list[tuple[str, list[str]]]:
    """Have so many guests log in and write one message each; return what each has received."""
    everyone_is_here = asyncio.Event()
    arrived = 0

    async def guest(number: int) -> tuple[str, list[str]]:
        nonlocal arrived
        name = f"guest{number}"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line(action="presence", user={"account_name": name}))
        assert json.loads(await reader.readline())["response"] == 200
        arrived += 1
        if arrived == count:
            everyone_is_here.set()
        await everyone_is_here.wait()
        writer.write(line(action="msg", to="#all", message=f"from {number}"))
        texts: list[str] = []
        answered = False
        while len(texts) < count - 1 or not answered:
            found = json.loads(await reader.readline())
            if "message" in found:
                texts.append(found["message"])
            else:
                assert found["response"] == 200
                answered = True
        writer.close()
        return name, texts

    return await asyncio.gather(*(guest(number) for number in range(count)))


def line(**keys: object) -> bytes:
    """Return a request as a line."""
    return json.dumps({"time": 1.0, **keys}).encode() + b"\n"


def test_those_who_leave_before_their_answers_disturb_nobody(
    own_server: Callable[..., RunningServer],
) -> None:
    """An answer to a closed connection is dropped; the others of the same turn get theirs."""
    server = own_server("--limits", "off")
    with Talker(server.port) as ann:
        ann.guest_fully("ann")
        for number in range(100):
            with Talker(server.port) as passing:
                passing.guest_fully(f"passing{number}")
                for _ in range(5):
                    passing.send("history", conversation="#all", limit=10)
                    passing.send("whois", account_name="ann")
                ann.send("msg", to="#all", message=str(number), id=number)
        answered: set[int] = set()
        while len(answered) < 100:
            found = ann.receive()
            if found.get("response") == 200:
                answered.add(found["id"])
    assert server.stop() == 0
    assert server.said == ""
