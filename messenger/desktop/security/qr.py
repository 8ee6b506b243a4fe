"""The texts of the QR codes in a picture."""

from pathlib import Path

import zxingcpp
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QImageReader

_LARGEST = 3000
"""Pixels of a side to which larger pictures are reduced: in 9 megapixels any code is found."""


def read_codes(picture: QImage) -> list[str]:
    """Return the texts of the QR codes in a picture."""
    if max(picture.width(), picture.height()) > _LARGEST:
        picture = picture.scaled(
            _LARGEST,
            _LARGEST,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    bits = grey.constBits()
    if bits is None or grey.isNull():
        return []
    # A copy: zxing-cpp keeps a pointer, and the image's own bytes are gone with the image.
    raw = bits.asstring(grey.sizeInBytes())
    pixels = memoryview(raw).cast("B", (grey.height(), grey.bytesPerLine()))
    found = zxingcpp.read_barcodes(
        pixels, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [one.text for one in found if one.valid]


def load_picture(file: Path) -> QImage:
    """Return the picture in a file, an empty one if it is none; photos are turned upright."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if max(size.width(), size.height()) > _LARGEST:
        reader.setScaledSize(size.scaled(_LARGEST, _LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
