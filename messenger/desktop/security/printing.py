"""Prints a code on paper, where Qt's module for printers can be loaded."""

import importlib.util
from html import escape

from PyQt6.QtGui import QTextDocument
from PyQt6.QtWidgets import QWidget


def can_print() -> bool:
    """Return whether there may be printers: distributions ship QtPrintSupport apart."""
    return importlib.util.find_spec("PyQt6.QtPrintSupport") is not None


def print_code(title: str, code: str, notes: list[str], parent: QWidget) -> bool:
    """Ask for a printer, and print a code below a title; return whether it was printed."""
    try:
        # Not at the top: it needs a library (CUPS) that not every machine has.
        from PyQt6.QtPrintSupport import QPrintDialog, QPrinter
    except ImportError:
        return False
    printer = QPrinter()
    if QPrintDialog(printer, parent).exec() != QPrintDialog.DialogCode.Accepted:
        return False
    document = QTextDocument()
    document.setHtml(code_page(title, code, notes))
    document.print(printer)
    return True


def code_page(title: str, code: str, notes: list[str]) -> str:
    """Return the page to print, as HTML."""
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return (
        f"<h2>{escape(title)}</h2>"
        f"<p style='font-family: monospace; font-size: 16pt'>{escape(code)}</p>{below}"
    )
