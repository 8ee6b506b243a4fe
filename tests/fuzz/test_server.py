"""Whatever is sent to a server, it lives, says what is wrong, and serves those who are honest."""

from pathlib import Path

from tests.fuzz.findings import Round, load
from tests.fuzz.server_fuzzer import ServerFuzzer

_ROUNDS = 2
_GROWTH = 40


def test_odd_requests_harm_neither_a_server_nor_those_who_talk_beside(
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


def test_what_was_found_is_kept_and_can_be_sent_again(tmp_path: Path) -> None:
    sent = [[[0, ['{"action":"join","room":"#\\ud83e\\udd84"}\n'], False]]]
    file = Round("server", "Иван 1", sent).save("no reply")

    assert load(file) == Round("server", "Иван 1", sent)
    assert "no reply" in file.read_text("utf-8")
