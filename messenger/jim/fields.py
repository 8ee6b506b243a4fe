"""What single fields of a request may hold: a database or another client has to take it."""

from typing import Annotated

from msgspec import Meta

Number = Annotated[int, Meta(ge=0, lt=2**53)]
"""A number that JSON of every language can carry: of a message, of a letter, of a page."""

Name = Annotated[str, Meta(max_length=250, pattern=r"^[^\x00]*\Z")]
"""What is looked up: a name of any kind, or its start (PostgreSQL has no NUL in texts)."""

Word = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""What a program says of itself, on one line."""

UniqueId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""What tells a room from every other one, of the same name too: 128 random bits."""

RequestId = Annotated[str, Meta(max_length=64)] | Annotated[int, Meta(gt=-(2**53), lt=2**53)]
"""What a reply repeats; as the id of a message it is unique for its sender."""
