"""CSV for spreadsheets: what users have chosen is never a formula, and times are unambiguous."""

import csv
import io

import pytest

from messenger.ui.csv_text import csv_lines, utc


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-x", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_text_that_would_be_a_formula_is_none(text: str) -> None:
    assert list(csv.reader(io.StringIO(csv_lines([[text]]), newline=""))) == [[f"'{text}"]]


def test_what_is_no_formula_stays_as_it_is() -> None:
    row = ["a=b", 'say "hi"', "two\nlines", "Ольга", "", "–", -5, 0.25, None]
    read = next(csv.reader(io.StringIO(csv_lines([row]), newline="")))
    assert read == ["a=b", 'say "hi"', "two\nlines", "Ольга", "", "–", "-5", "0.25", ""]


def test_times_are_in_utc_wherever_the_user_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert utc(1_700_000_000.9) == "2023-11-14 22:13:20"
    assert utc(None) == ""
    assert utc(1e300) == "1e+300"
