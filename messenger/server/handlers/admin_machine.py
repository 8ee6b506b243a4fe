"""The log and the examination of the server, for administrators."""

from functools import partial
from pathlib import Path

import msgspec

from messenger.jim.admin.doctor import DoctorCheck, Examination, Examine
from messenger.jim.admin.log import LogPage, LogRecord, ReadLog
from messenger.jim.admin.paging import MAX_PAGE
from messenger.jim.errors import BadRequest, NotFound
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.log_reading import LogFilter, LogLine, LogPlace, LogReader, read_since
from messenger.server.records import Session
from messenger.server.services import Services
from messenger.system_errors import reason_of

_PATIENCE = 10.0  # seconds: a rare text is looked for in files of many days
_READING = 25.0  # with a slow disk; an answer is expected after 30
_MAX_TEXT = 8_000  # characters: the longest traceback; 500 of them are 4 MB


@action(ReadLog, role=ADMINISTRATOR)
@log
@actor_required
async def read_log(services: Services, session: Session, actor: Actor, request: ReadLog) -> LogPage:
    """Show the last records of the log, or new ones."""
    try:
        place = LogPlace.parse(request.after) if request.after else None
    except ValueError as error:
        raise BadRequest("after must be the next of an earlier page") from error
    try:
        found, place = await services.side_work.run(
            f"log for {session.number}",
            partial(
                _read,
                services.settings.data / "log",
                LogFilter(request.level, request.text),
                place,
                min(request.limit, MAX_PAGE),
            ),
            seconds=_READING,
            language=session.language,
        )
    except OSError as error:
        raise NotFound("The log cannot be read: {reason}", reason=reason_of(error)) from error
    return LogPage(200, records=[_record(one) for one in found], next=str(place))


@action(Examine, role=ADMINISTRATOR)
@log
@actor_required
def examine(services: Services, session: Session, actor: Actor, request: Examine) -> Examination:
    """Start or join an examination, and show its checks so far."""
    examinations, editor = services.examinations, services.editor
    if request.start:
        examinations.start(editor.arguments, editor.environment, session.language)
    known = request.after if request.number == examinations.number else 0
    return Examination(
        200,
        checks=[DoctorCheck(**msgspec.structs.asdict(one)) for one in examinations.checks[known:]],
        running=examinations.is_running,
        number=examinations.number,
    )


def _read(
    directory: Path, wanted: LogFilter, place: LogPlace | None, count: int
) -> tuple[list[LogLine], LogPlace]:
    if place is not None:
        found, place = read_since(directory, place, wanted)
        return found[-count:] if count else [], place
    reader = LogReader(directory, wanted)
    try:
        return reader.last(count, _PATIENCE), reader.place
    finally:
        reader.close()


def _record(line: LogLine) -> LogRecord:
    return LogRecord(line.time, line.level, line.module, line.text[:_MAX_TEXT])
