"""Metaclasses that check in a class's bytecode what a client's or a server's sockets may do.

A class that breaks a rule is not created: TypeError names the method and the line.
"""

import dis
import inspect
from collections.abc import Iterator
from types import CodeType
from typing import Any, ClassVar, NamedTuple

_NOT_TCP = frozenset({"SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET", "SOCK_RDM", "AF_UNIX"})
_TCP = frozenset({"SOCK_STREAM", "create_connection", "create_server"})
# LOAD_METHOD is of Python up to 3.11, LOAD_SUPER_ATTR from 3.12 on.
_NAME_INSTRUCTIONS = frozenset(
    {"LOAD_ATTR", "LOAD_GLOBAL", "LOAD_METHOD", "LOAD_NAME", "IMPORT_FROM", "LOAD_SUPER_ATTR"}
)


class _Use(NamedTuple):
    """A name that a method uses, and where."""

    name: str
    method: str
    line: int | None


class SocketVerifier(type):
    """Checks when a class is created that its sockets are TCP, and used for its side only.

    `forbidden` are the names that its methods may not use.
    """

    forbidden: ClassVar[frozenset[str]] = frozenset()

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        uses = [use for key, value in namespace.items() for use in _uses(key, value)]
        for use in uses:
            if use.name in cls.forbidden:
                raise TypeError(f"{_where(name, use)} uses {use.name!r}, which is not for {name}")
            if use.name in _NOT_TCP:
                raise TypeError(f"{_where(name, use)} uses {use.name!r}: sockets are for TCP")
        inherits = any(isinstance(base, SocketVerifier) for base in bases)
        if not inherits and not any(use.name in _TCP for use in uses):
            raise TypeError(f"{name} makes no TCP socket (SOCK_STREAM)")
        super().__init__(name, bases, namespace)


class ClientVerifier(SocketVerifier):
    """A client neither listens nor accepts."""

    forbidden = frozenset({"accept", "listen"})


class ServerVerifier(SocketVerifier):
    """A server does not connect."""

    forbidden = frozenset({"connect", "connect_ex"})


def _uses(key: str, value: object) -> Iterator[_Use]:
    """Yield the names that a member of a class uses, whatever wraps it."""
    for function in _functions(value):
        # A decorator such as `@log` hides the function's own names from `dis`.
        code = getattr(inspect.unwrap(function), "__code__", None)
        if isinstance(code, CodeType):
            yield from _uses_in_code(key, code)


def _functions(value: object) -> list[Any]:
    if isinstance(value, property):
        return [part for part in (value.fget, value.fset, value.fdel) if part is not None]
    if isinstance(value, classmethod | staticmethod):
        return [value.__func__]
    return [value] if callable(value) and not isinstance(value, type) else []


def _uses_in_code(method: str, code: CodeType) -> Iterator[_Use]:
    line: int | None = code.co_firstlineno
    for instruction in dis.get_instructions(code):
        if instruction.starts_line is not None:
            line = instruction.positions.lineno if instruction.positions else line
        if instruction.opname in _NAME_INSTRUCTIONS:
            yield _Use(str(instruction.argval), method, line)
    # Nested functions and comprehensions have code objects of their own.
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _uses_in_code(method, constant)


def _where(class_name: str, use: _Use) -> str:
    return f"{class_name}.{use.method}, line {use.line},"
