"""What a check of a database finds, as data for whoever shows it."""

from typing import NamedTuple

from messenger.jim.admin.doctor import CheckLevel


class Finding(NamedTuple):
    """What one check has found; after `failed` no server can run on the database.

    `subject` says what was checked, such as `synchronous_commit`; the text is one sentence for
    people.
    """

    subject: str
    level: CheckLevel
    text: str
