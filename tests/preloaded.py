"""The imports of forked programs; their garbage collector need not look at them."""

import gc

import alembic.command
import alembic.config
import sqlcipher3.dbapi2
import uvloop

import messenger.console.hosting
import messenger.console.pipes
import messenger.console.program
import messenger.console.screen.app
import messenger.server.program
import messenger.ui.first_run
from tests.compiling import compile_once
from tests.stretching import stretch_once
from tests.warming import talk_once

__all__ = ["alembic", "messenger", "sqlcipher3", "uvloop"]

stretch_once()
compile_once()
talk_once()
gc.collect()
gc.freeze()
