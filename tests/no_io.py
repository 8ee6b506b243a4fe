"""Tests without I/O: which they are (`--no-io`), and that they open no socket and start no process.

A test does I/O if it or a fixture of its names something that does, itself or through what it
calls in these tests. An audit hook fails one that is not found so: mark it with `io`.
"""

import inspect
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from types import CodeType, FunctionType, ModuleType

import pexpect
import pytest

from messenger.server import listener, program
from tests import forking

_DOES_IO = (
    *(socket, listener, program.run),
    *(forking, forking.Python, multiprocessing, os.fork, os.forkpty, pexpect, subprocess),
)
_AUDITED = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
    | {"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto"}
)
"""The interpreter's own names (PEP 578). The pair of sockets by which an event loop wakes itself
is connected by nobody: a loop may run."""


class DoesIO(BaseException):
    """A test that has to do none opens a socket or starts a process: no `except` hides it."""


class NoIO:
    """Deselects the tests that do I/O, and watches the others; a plugin of pytest."""

    def __init__(self) -> None:
        self._test = ""
        self._caught = ""
        sys.addaudithook(self._audit)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the tests without I/O."""
        reach = Reach()
        doing = [item for item in items if reach.does_io(item)]
        config.hook.pytest_deselected(items=doing)
        items[:] = [item for item in items if item not in set(doing)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch a test from its first fixture to its last."""
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            self._test = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Fail the test also for what was done in a thread, where the exception is lost."""
        try:
            return (yield)
        finally:
            caught, self._caught = self._caught, ""
            if caught:
                raise DoesIO(caught)

    def _audit(self, event: str, _arguments: object) -> None:
        if self._test and event in _AUDITED:
            self._caught = f"{event} in {self._test}: mark it with `io`"
            raise DoesIO(self._caught)


class Reach:
    """Finds what tests name, and what that names, as far as it is code of the tests."""

    def __init__(self) -> None:
        self._known = {id(one): True for one in _DOES_IO}

    def does_io(self, item: pytest.Item) -> bool:
        """Tell whether a test, or a fixture that it uses, names something that does I/O."""
        if item.get_closest_marker("io") is not None:
            return True
        # A fixture asks for the database server only once it knows its parameter.
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if "postgresql" in parameters.values():
            return True
        fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
        used = (made[-1].func for made in fixtures.values())  # the last one overrides the others
        test = getattr(item, "obj", None)
        return any(self.reaches(inspect.unwrap(one)) for one in (test, *used) if one is not None)

    def reaches(self, found: object) -> bool:
        """Tell whether a function or a class names something that does I/O."""
        if inspect.ismethod(found):
            found = found.__func__
        if id(found) not in self._known:
            self._known[id(found)] = False  # until it is known: functions call each other
            self._known[id(found)] = any(self.reaches(one) for one in _named_by(found))
        return self._known[id(found)]


def _named_by(found: object) -> Iterator[object]:
    """Return what a function, or a class with its methods, of the tests names."""
    if not str(getattr(found, "__module__", "")).startswith("tests"):
        return
    if isinstance(found, type):
        yield from (inspect.unwrap(one) for one in vars(found).values() if callable(one))
        yield from found.__bases__
    elif isinstance(found, FunctionType):
        for name in _names(found.__code__):
            # What is imported in the function itself has the name of its module there.
            is_local = name.startswith("tests.")
            one = import_module(name) if is_local else found.__globals__.get(name)
            yield inspect.unwrap(one) if isinstance(one, FunctionType) else one
            if isinstance(one, ModuleType):
                yield from (vars(one).get(other) for other in _names(found.__code__))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
