"""Texts of Qt itself, such as those of the file dialog, in the user's language."""

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from messenger.language import own_language

_installed: list[QTranslator] = []


def translate_qt() -> None:
    """Have Qt use the user's language, in place of an earlier one."""
    language = own_language()
    QLocale.setDefault(QLocale(language))
    while _installed:
        QCoreApplication.removeTranslator(_installed.pop())
    translator = QTranslator()
    texts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{language}", texts):
        QCoreApplication.installTranslator(translator)
        _installed.append(translator)
