"""Whatever is sent to a server, it survives, says what is wrong, and serves honest clients."""

from pathlib import Path

from tests.fuzz.findings import Round, load
from tests.fuzz.server_fuzzer import ServerFuzzer

_ROUNDS = 2
_GROWTH = 40


def test_invalid_requests_harm_neither_a_server_nor_its_other_clients(
    tmp_path: Path, seed: int
) -> None:
    fuzzer = ServerFuzzer(tmp_path, "--log-level", "DEBUG")
    try:
        for number in range(_ROUNDS):
            fuzzer.run(f"{seed} {number}")
            if number == _ROUNDS // 2 - 1:
                half = fuzzer.memory
        assert fuzzer.memory - half < _GROWTH
    finally:
        fuzzer.close()


def test_a_finding_is_saved_and_can_be_replayed(tmp_path: Path) -> None:
    sent = [[[0, ['{"action":"join","room":"#\\ud83e\\udd84"}\n'], False]]]
    file = Round("server", "Иван 1", sent).save("no reply")

    assert load(file) == Round("server", "Иван 1", sent)
    assert "no reply" in file.read_text("utf-8")
