"""Values of D-Bus whose types Python does not distinguish, and calls that block nobody."""

from collections.abc import Callable
from typing import Any, cast

from PyQt6.QtCore import QByteArray, QMetaType, QObject
from PyQt6.QtDBus import (
    QDBusArgument,
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCallWatcher,
    QDBusPendingReply,
)
from PyQt6.QtGui import QImage, QPixmap

_INT, _BOOL, _BYTES = (
    cast("int", kind.value)
    for kind in (QMetaType.Type.Int, QMetaType.Type.Bool, QMetaType.Type.QByteArray)
)

TIMEOUT = 5000
"""Milliseconds for a service to answer: one that takes longer hangs."""


def number(value: int) -> QDBusArgument:
    """Return an unsigned number of 32 bits (`u`)."""
    return _argument(value, QMetaType.Type.UInt)


def byte(value: int) -> QDBusArgument:
    """Return a byte (`y`)."""
    return _argument(value, QMetaType.Type.UChar)


def texts(values: list[str]) -> QDBusArgument:
    """Return an array of texts (`as`)."""
    return _argument(values, QMetaType.Type.QStringList)


def picture(pixmap: QPixmap) -> QDBusArgument:
    """Return a picture as notifications have it (`iiibiiay`): RGBA, 8 bits a channel."""
    # In a name: the bytes belong to it.
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    bits = image.constBits()
    raw = bits.asstring(image.sizeInBytes()) if bits is not None else b""
    found = QDBusArgument()
    found.beginStructure()
    for value in (image.width(), image.height(), image.bytesPerLine()):
        found.add(value, _INT)
    found.add(True, _BOOL)
    for value in (8, 4):
        found.add(value, _INT)
    found.add(QByteArray(raw), _BYTES)
    found.endStructure()
    return found


def call(
    bus: QDBusConnection,
    message: QDBusMessage,
    owner: QObject,
    then: Callable[[list[Any] | None], object],
) -> None:
    """Call a method without waiting; `then` gets what it returns, None if it has failed.

    Nothing is called once `owner` is gone.
    """
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message, TIMEOUT), owner)

    def finished(done: QDBusPendingCallWatcher) -> None:
        reply = QDBusPendingReply(done)
        then(None if reply.isError() else reply.reply().arguments())
        done.deleteLater()

    watcher.finished.connect(finished)


def _argument(value: Any, kind: QMetaType.Type) -> QDBusArgument:
    found = QDBusArgument()
    found.add(value, cast("int", kind.value))
    return found
