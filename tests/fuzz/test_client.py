"""Whatever a server or another device sends, a client survives, and works once that is honest."""

from pathlib import Path

import pytest

from tests.fuzz.client_fuzzer import ClientFuzzer
from tests.fuzz.to_device_fuzzer import ToDeviceFuzzer
from tests.fuzz.victims import AsyncVictim, BlockingVictim, Exceptions, Victim
from tests.running import RunningServer


@pytest.mark.parametrize("kind", [BlockingVictim, AsyncVictim])
def test_a_client_survives_a_server_that_lies(
    one_server: RunningServer, tmp_path: Path, seed: int, exceptions: Exceptions, kind: type[Victim]
) -> None:
    fuzzer = ClientFuzzer(kind, one_server, tmp_path, exceptions)
    try:
        for number in range(3):
            fuzzer.run(f"{seed} {number}")
    finally:
        fuzzer.close()


def test_a_client_survives_invalid_to_device_messages(
    one_server: RunningServer, tmp_path: Path, seed: int, exceptions: Exceptions
) -> None:
    fuzzer = ToDeviceFuzzer(one_server, tmp_path, exceptions)
    try:
        for number in range(2):
            fuzzer.run(f"{seed} {number}")
    finally:
        fuzzer.close()
