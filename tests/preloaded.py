"""What a forked server has imported already; its collector of garbage need not look at it."""

import gc

import alembic.command
import alembic.config
import sqlcipher3.dbapi2
import uvloop

import messenger.server.program

__all__ = ["alembic", "messenger", "sqlcipher3", "uvloop"]

gc.collect()
gc.freeze()
