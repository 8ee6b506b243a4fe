"""Measures slixmpp through Prosody, beside our clients: the same texts, one direction, end to end.

Neither is a dependency: where one of them is not installed, nothing is measured.
"""

import asyncio
import importlib.util
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import machine

_TEXT = "a message of a hundred bytes ".ljust(100, ".")
_PATIENCE = 120.0

# Without TLS, accounts and an archive: what is left is the way of a message.
_CONFIGURATION = """
data_path = "{directory}"
pidfile = "{directory}/prosody.pid"
log = {{ error = "{directory}/log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{ }}
modules_enabled = {{ "saslauth" }}
modules_disabled = {{ "s2s", "tls", "offline" }}
c2s_require_encryption = false
storage = "memory"
run_as_root = true
VirtualHost "localhost"
    authentication = "anonymous"
"""


def missing() -> str:
    """Return what is not installed, "" if everything is."""
    found = {"Prosody": shutil.which("prosody"), "slixmpp": importlib.util.find_spec("slixmpp")}
    return " and ".join(name for name, place in found.items() if place is None)


def end_to_end(count: int) -> float:
    """Return the messages per second from one slixmpp client to another, stored nowhere."""
    with _prosody() as port:
        return asyncio.run(asyncio.wait_for(_measured(port, count), _PATIENCE))


@contextmanager
def _prosody() -> Iterator[int]:
    """Run Prosody on the core of the measured server; yield its port."""
    with tempfile.TemporaryDirectory() as directory, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        file = Path(directory) / "prosody.cfg.lua"
        file.write_text(_CONFIGURATION.format(directory=directory, port=port), "utf-8")
        process = machine.on_its_core(["prosody", "-F", "--config", str(file)])
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


async def _measured(port: int, count: int) -> float:
    ann, bob = await _client(port), await _client(port)
    arrived = 0
    all_arrived = asyncio.Event()

    def take(_message: Any) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == count:
            all_arrived.set()

    bob.add_event_handler("message", take)
    begun = time.perf_counter()
    for _ in range(count):
        ann.send_message(mto=bob.boundjid, mbody=_TEXT, mtype="chat")
    await all_arrived.wait()
    took = time.perf_counter() - begun
    for client in (ann, bob):
        client.abort()
    return count / took


async def _client(port: int) -> Any:
    import slixmpp  # noqa: PLC0415  not installed everywhere

    client = slixmpp.ClientXMPP("localhost", "")
    client.enable_starttls = client.enable_direct_tls = False
    client.enable_plaintext = True
    online = asyncio.Event()
    client.add_event_handler("session_start", lambda _: online.set())
    client.connect("127.0.0.1", port)
    await asyncio.wait_for(online.wait(), 10)
    client.send_presence()
    return client
