"""Types of single fields: they allow what any database and any other client can take."""

from typing import Annotated

from msgspec import Meta

Number = Annotated[int, Meta(ge=0, lt=2**53)]
"""A sequence number or a count: an integer that JSON carries in every language (RFC 8259, 6)."""

Name = Annotated[str, Meta(max_length=250)]
"""A name of any kind to look up, or its beginning."""

# `\Z`, because `$` also matches before a newline at the end.
Word = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
"""A value on one line that a program has chosen, such as the id of its device."""

UniqueId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""A room's id: 128 random bits, which tell it from any other room of the same name."""

RequestId = Annotated[str, Meta(max_length=64)] | Annotated[int, Meta(gt=-(2**53), lt=2**53)]
"""The id of a request, which its reply repeats; as that of a message unique for its sender."""
