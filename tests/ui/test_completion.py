"""Commands, their arguments, names and emoji are completed from what is typed."""

import pytest

from messenger.ui.completion import Candidate, Completion, Kind, complete, complete_word

NAMES = ["Мария Орлова", "Ann", "Ann Lee", "Bob Keller", "名前", "#all", "#release", "#release-2"]


def texts(found: Completion) -> list[str]:
    return [candidate.text for candidate in found.candidates]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("/jo", ["/join ", "/joiners "]),
        ("/msg an", ["Ann ", '"Ann Lee" ']),
        ("/msg Ann L", ['"Ann Lee" ']),
        ('/msg "Ann L', ['"Ann Lee" ']),
        ("/join rel", ["#release ", "#release-2 "]),
        ("/join #release o", ["open "]),
        ("/invite bo", ['"Bob Keller" ']),
        ("/invite #release bo", ['"Bob Keller" ']),
        ("/mute #release o", ["off "]),
        ("/verify 名前 em", ["emoji "]),
        ("/verify Bob Keller em", ["emoji "]),
        ("/set th", ["theme "]),
        ("/set theme d", ["dark "]),
        ("@мар", ["@Мария Орлова "]),
        ("hi @орл", ["@Мария Орлова "]),
        ("hi @Ann L", ["@Ann Lee "]),
        ("/msg Ann hello @名", ["@名前 "]),
    ],
)
def test_what_is_typed_is_completed(typed: str, found: list[str]) -> None:
    completion = complete(typed, NAMES)

    assert texts(completion) == found
    assert completion.is_begun


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "an",
        "//he",
        "ann@Bo",
        "/unknown a",
        "/msg Ann hello bo",
        "10:30",
        "https://ann",
        "a\n@x",
    ],
)
def test_nothing_else_is(typed: str) -> None:
    assert complete(typed, NAMES, lambda _part: [Candidate(Kind.EMOJI, "😂", "joy")]) == Completion(
        len(typed), [], usage=complete(typed, NAMES).usage
    )


@pytest.mark.parametrize("typed", ["@", "/msg ", "/mute ", "/help", "/msg Ann", "@Ann"])
def test_no_candidate_is_likely_where_nothing_or_all_is_typed(typed: str) -> None:
    completion = complete(typed, NAMES)

    assert completion.candidates
    assert not completion.is_begun


def test_the_usage_of_a_command_is_shown_while_its_arguments_are_typed() -> None:
    assert complete("/msg Ann hello", NAMES).usage.startswith("/msg NAME")
    assert complete("hello", NAMES).usage == ""


def test_emoji_are_found_by_a_part_of_a_name_between_colons() -> None:
    asked = list[str]()

    def find(part: str) -> list[Candidate]:
        asked.append(part)
        return [Candidate(Kind.EMOJI, "😂", ":joy:")]

    found = complete("ха :рж", NAMES, find)

    assert asked == ["рж"]
    assert (found.start, texts(found)) == (3, ["😂"])
    assert complete(":+1", NAMES, find).candidates


@pytest.mark.parametrize(
    ("typed", "found"),
    [("привет, мар", ['"Мария Орлова" ']), ("#rel", ["#release ", "#release-2 "])],
)
def test_a_key_that_completes_takes_words_without_a_mark(typed: str, found: list[str]) -> None:
    assert texts(complete_word(typed, NAMES)) == found
