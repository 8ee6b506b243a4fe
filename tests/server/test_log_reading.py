"""The log is read from its end, over older files, and followed while it is rotated."""

import logging
from collections.abc import Iterator
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

import pytest

from messenger.log import server_log_config
from messenger.server.log_reading import LogFilter, LogLine, LogReader, last_lines

logger = logging.getLogger("messenger.server")


@pytest.fixture
def log(data: Path) -> Path:
    """The directory of a log of this process."""
    directory = data / "log"
    server_log_config.configure(directory, "DEBUG")
    return directory


@pytest.fixture
def reader(log: Path) -> Iterator[LogReader]:
    made = LogReader(log)
    yield made
    made.close()


def rotate(name: str) -> None:
    """Rotate as the server does at midnight, to a file with this date."""
    for handler in logger.handlers:
        if isinstance(handler, TimedRotatingFileHandler):
            handler.namer = lambda default: f"{default.rpartition('.')[0]}.{name}"
            handler.doRollover()


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


def all_new(reader: LogReader) -> list[str]:
    """Return the new records, the held one too."""
    return texts(reader.new() + reader.new())


def test_the_last_records_come_oldest_first(log: Path) -> None:
    for number in range(1000):
        logger.info("запись %d %s", number, "x" * 300)

    found = last_lines(log, 3)

    assert [text.split()[1] for text in texts(found)] == ["997", "998", "999"]
    assert found[0].level == "INFO"
    assert found[0].module == "test_log_reading"
    assert len(last_lines(log, 5000)) == 1000
    assert last_lines(log, 0) == []


def test_records_are_filtered_by_level_and_text(log: Path) -> None:
    logger.debug("one")
    logger.warning("Ёлка упала")
    logger.error("two")

    assert texts(last_lines(log, 9, LogFilter("WARNING"))) == ["Ёлка упала", "two"]
    assert texts(last_lines(log, 9, LogFilter(text="ёЛКА"))) == ["Ёлка упала"]
    assert texts(last_lines(log, 1, LogFilter("DEBUG", "o"))) == ["two"]


def test_a_traceback_belongs_to_its_record(log: Path, reader: LogReader) -> None:
    try:
        raise ValueError("первая\nвторая")
    except ValueError:
        logger.exception("It failed")
    logger.info("next\nline")

    failed, following = last_lines(log, 9)

    assert failed.text.startswith("It failed\nTraceback")
    assert failed.text.endswith("вторая")
    assert following.text == r"next\nline"
    assert [line.text for line in reader.new() + reader.new()] == [failed.text, following.text]


def test_older_files_are_read_where_the_newest_is_too_short(log: Path) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        logger.info("before %s", day)
        rotate(day)
    logger.info("today")

    assert texts(last_lines(log, 2)) == ["before 2026-01-02", "today"]
    assert texts(last_lines(log, 9)) == ["before 2026-01-01", "before 2026-01-02", "today"]


def test_new_records_are_followed_over_a_rotation(log: Path, reader: LogReader) -> None:
    assert all_new(reader) == []
    logger.info("one")
    assert all_new(reader) == ["one"]
    logger.info("two")
    rotate("2026-01-01")
    logger.info("three")
    rotate("2026-01-02")
    logger.info("four")

    # What was only in the second file, which came and went between two looks, is in its file.
    assert all_new(reader) == ["two", "four"]
    assert texts(last_lines(log, 2)) == ["three", "four"]


def test_nothing_is_lost_between_the_last_records_and_the_new_ones(log: Path) -> None:
    logger.info("one")
    reader = LogReader(log)
    logger.info("two")

    assert texts(reader.last(9)) == ["one"]
    assert all_new(reader) == ["two"]
    reader.close()


def test_a_record_that_is_half_written_waits_for_its_end(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    record = "2026-11-27 10:00:00,000 INFO module ещё\n".encode()
    file.write_bytes(record + record[:40])
    reader = LogReader(tmp_path)

    assert len(reader.last(9)) == 1
    with file.open("ab") as log:
        for byte in record[40:] + record:
            assert reader.new() == []
            log.write(bytes([byte]))
            log.flush()
            if byte == 10:
                break
    assert all_new(reader) == ["ещё"]
    reader.close()


def test_a_log_that_is_emptied_is_followed(log: Path, reader: LogReader) -> None:
    logger.info("x" * 1000)
    assert len(all_new(reader)) == 1
    (log / "server.log").write_text("")
    assert all_new(reader) == []

    logger.info("after")

    assert all_new(reader) == ["after"]


def test_a_log_that_does_not_exist_yet_is_followed(tmp_path: Path) -> None:
    reader = LogReader(tmp_path / "log")
    assert reader.last(9) == []
    assert reader.new() == []
    (tmp_path / "log").mkdir()

    (tmp_path / "log" / "server.log").write_text("2026-11-27 10:00:00,000 INFO module first\n")

    assert all_new(reader) == ["first"]
    reader.close()


def test_what_is_no_log_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_bytes(b"\xff\x00 garbage\n\n" * 100 + b"no end")

    reader = LogReader(tmp_path)

    assert reader.last(9) == []
    with (tmp_path / "server.log").open("ab") as log:
        log.write(b"\n2026-11-27 10:00:00,000 INFO module \xff\n")
    assert all_new(reader) == ["\ufffd"]
    reader.close()
