"""The style sheet of standard widgets; what is in a view is painted by its delegate."""

from messenger.windows.look.glyphs import glyph_file
from messenger.windows.look.tokens import Colours, Radius, Size, Type


def style_sheet(colours: Colours, scale: float) -> str:
    """Return the style sheet for a theme; `scale` is that of text.

    Widgets are chosen by their object names, which `messenger.windows.widgets` sets.
    """
    c = colours
    pixels = {size: f"{round(size * scale)}px" for size in Type}
    chevron, raised, check, dot = (
        glyph_file(name, colour)
        for name, colour in (
            ("caret-down", c.soft),
            ("caret-up", c.soft),
            ("check-bold", c.on_accent),
            ("circle-fill", c.on_accent),
        )
    )
    return f"""
    /* The application's font has this size, too. But a font that changes as a widget is styled has
       Qt lay out anew what was laid out before, as the rows of a list. */
    * {{ font-size: {pixels[Type.TEXT]}; color: {c.text}; }}
    QMainWindow, QDialog, #page {{ background: {c.window}; }}
    #chat {{ background: {c.chat}; }}
    #side {{ background: {c.side}; }}
    #head, #foot {{ background: {c.window}; }}
    #head {{ border-bottom: 1px solid {c.line}; }}
    #foot {{ border-top: 1px solid {c.line}; }}
    QLabel {{ background: transparent; }}
    #heading {{ font-size: {pixels[Type.HEADING]}; font-weight: 600; }}
    #title {{ font-size: {pixels[Type.TITLE]}; font-weight: 600; }}
    #section {{ font-size: {pixels[Type.PREVIEW]}; font-weight: 600; color: {c.soft}; }}
    #name {{ font-weight: 500; }}
    #soft {{ color: {c.soft}; }}
    #small {{ font-size: {pixels[Type.SMALL]}; color: {c.soft}; }}
    #error {{ font-size: {pixels[Type.SMALL]}; color: {c.bad}; }}
    #good {{ font-size: {pixels[Type.SMALL]}; color: {c.good}; }}
    #warn {{ font-size: {pixels[Type.SMALL]}; color: {c.warn}; }}
    #mono {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; background: {c.field};
        border-radius: {Radius.FIELD}px; padding: 8px 12px; }}
    #card {{ background: {c.field}; border-radius: {Radius.CARD}px; }}
    #banner {{ background: {c.chosen}; border-radius: {Radius.CARD}px; }}
    #banner QLabel {{ color: {c.text}; }}
    #ground {{ background: {c.chat}; }}
    #sheet {{ background: {c.window}; border: 1px solid {c.line};
        border-radius: {Radius.CARD}px; }}
    #sheet:focus {{ border-color: {c.accent}; }}
    #figure {{ font-size: {pixels[Type.FIGURE]}; font-weight: 600; }}
    #plot {{ font-size: {pixels[Type.TEXT]}; font-weight: 600; }}
    #readout {{ font-size: {pixels[Type.SMALL]}; }}
    #line {{ background: {c.line}; max-height: 1px; min-height: 1px; border: none; }}
    QListView, QTreeView, QTableView, QScrollArea, QTextBrowser {{ border: none;
        background: {c.window}; outline: none; }}
    #side QListView, #side QScrollArea {{ background: {c.side}; }}
    #messages {{ background: {c.chat}; }}
    QScrollArea > QWidget > QWidget {{ background: transparent; }}
    #navigation {{ background: {c.side}; padding: 0 8px; }}
    #navigation::item {{ padding: 0 10px; margin: 1px 0; border: 1px solid transparent; }}
    #navigation::item:focus {{ border-color: {c.accent}; }}
    #sheet QTableView {{ background: {c.window}; border-radius: {Radius.CARD}px; }}
    QHeaderView {{ background: transparent; border: none; }}
    QHeaderView::section {{ background: {c.window}; border: none;
        border-bottom: 1px solid {c.line}; padding: 0 12px; color: {c.soft};
        font-size: {pixels[Type.SMALL]}; font-weight: 600; }}
    QHeaderView::section:hover {{ color: {c.text}; }}
    QHeaderView::up-arrow {{ image: url({raised}); }}
    QHeaderView::down-arrow {{ image: url({chevron}); }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{ width: 14px; height: 14px;
        subcontrol-position: center right; right: 2px; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QListView::item {{ border-radius: {Radius.ROW}px; padding: 6px 8px; }}
    QListView::item:hover {{ background: {c.hover}; }}
    QListView::item:selected {{ background: {c.chosen}; color: {c.text}; }}
    QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{ background: {c.field};
        border: 1px solid {c.field}; border-radius: {Radius.FIELD}px; padding: 7px 10px;
        selection-background-color: {c.select}; selection-color: {c.on_select}; }}
    QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus {{
        border: 1px solid {c.accent}; }}
    #ground QStackedWidget, #ground QScrollArea {{ background: transparent; }}
    #ground QLineEdit, #ground QComboBox {{ background: {c.window}; border: 1px solid {c.line}; }}
    #ground QLineEdit:focus, #ground QComboBox:focus {{ border: 1px solid {c.accent}; }}
    QLineEdit[wrong="true"] {{ border: 1px solid {c.bad}; }}
    QLineEdit:disabled {{ color: {c.soft}; }}
    #writing {{ border-radius: 18px; padding: 7px 12px; }}
    QComboBox::drop-down {{ border: none; width: 28px; }}
    QComboBox::down-arrow {{ image: url({chevron}); width: 16px; height: 16px; }}
    QComboBox {{ combobox-popup: 0; }}
    QComboBox QAbstractItemView {{ background: {c.window}; border: 1px solid {c.line};
        padding: 4px; }}
    QComboBox QAbstractItemView::item {{ padding: 7px 8px; border-radius: 6px; }}
    QSpinBox::up-button, QSpinBox::down-button {{ width: 0; }}
    QPushButton {{ background: {c.field}; border: 1px solid {c.field}; font-weight: 500;
        border-radius: {Radius.FIELD}px; padding: 8px 16px; outline: none; }}
    QPushButton:hover {{ background: {c.line}; }}
    QPushButton:focus {{ border: 1px solid {c.accent}; }}
    QPushButton:disabled {{ color: {c.soft}; }}
    QPushButton#primary {{ background: {c.accent}; border-color: {c.accent};
        color: {c.on_accent}; }}
    QPushButton#primary:hover {{ border-color: {c.text}; }}
    QPushButton#primary:focus {{ border: 2px solid {c.text}; padding: 7px 15px; }}
    QPushButton#primary:disabled {{ background: {c.field}; border-color: {c.field};
        color: {c.soft}; }}
    #ground QPushButton {{ background: {c.window}; border: 1px solid {c.line}; }}
    #ground QPushButton:hover {{ background: {c.hover}; }}
    #ground QPushButton:checked {{ background: {c.chosen}; border-color: {c.chosen}; }}
    #ground QPushButton:focus {{ border-color: {c.accent}; }}
    #ground QPushButton#primary {{ background: {c.accent}; border-color: {c.accent}; }}
    #ground QPushButton#primary:focus {{ border: 2px solid {c.text}; }}
    #ground QPushButton#primary:disabled {{ background: {c.field}; border-color: {c.field}; }}
    #ground QPushButton#link {{ background: transparent; border-color: transparent; }}
    QPushButton#danger {{ color: {c.bad}; }}
    QPushButton#danger:disabled {{ color: {c.soft}; }}
    QPushButton#link {{ background: transparent; border: 1px solid transparent; color: {c.link};
        padding: 4px {Size.LINK - 1}px; font-weight: 500; }}
    QPushButton#link:hover {{ background: {c.hover}; }}
    QPushButton#link:focus {{ border-color: {c.accent}; }}
    #card QPushButton {{ background: {c.window}; border-color: {c.line}; }}
    #card QPushButton#link {{ background: transparent; border-color: transparent; }}
    #card QPushButton:focus, #card QPushButton#link:focus {{ border-color: {c.accent}; }}
    #banner QPushButton#link {{ color: {c.link}; }}
    QToolButton {{ border: 1px solid transparent; background: transparent; border-radius: 18px;
        padding: 7px; }}
    QToolButton:hover, QToolButton:checked {{ background: {c.hover}; }}
    QToolButton:focus {{ border-color: {c.accent}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton#send {{ background: {c.accent}; }}
    QToolButton#send:focus {{ border: 2px solid {c.text}; }}
    QToolButton#send:disabled {{ background: {c.field}; }}
    QToolButton#action {{ background: {c.field}; border-radius: {Radius.CARD}px;
        padding: 8px 4px 7px 4px; font-size: {pixels[Type.SMALL]}; font-weight: 500; }}
    QToolButton#action:hover {{ background: {c.line}; }}
    QToolButton#action:focus {{ border-color: {c.accent}; }}
    QToolButton#round {{ background: {c.window}; border: 1px solid {c.line};
        border-radius: 20px; }}
    #floating {{ background: {c.window}; border: 1px solid {c.line};
        border-radius: {Radius.CARD}px; }}
    #floating QToolButton {{ padding: 3px; border-radius: 6px; }}
    QMenu {{ background: {c.window}; border: 1px solid {c.line}; padding: 4px;
        border-radius: {Radius.FIELD}px; }}
    QMenu::item {{ padding: 7px 24px 7px 12px; border-radius: 6px; }}
    QMenu::icon {{ padding-left: 10px; }}
    QMenu::item:selected {{ background: {c.chosen}; color: {c.text}; }}
    QMenu::item:disabled {{ color: {c.soft}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ padding: 8px 14px; border-bottom: 2px solid transparent; color: {c.soft};
        font-weight: 500; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
    QTabBar::tab:focus {{ background: {c.hover}; }}
    QRadioButton::indicator, QCheckBox::indicator {{ width: 16px; height: 16px;
        border: 1px solid {c.faint}; background: transparent; }}
    QRadioButton::indicator {{ border-radius: 9px; }}
    QCheckBox::indicator {{ border-radius: 5px; }}
    QRadioButton::indicator:checked, QCheckBox::indicator:checked {{ background: {c.accent};
        border-color: {c.accent}; }}
    QRadioButton::indicator:checked {{ image: url({dot}); }}
    QCheckBox::indicator:checked {{ image: url({check}); }}
    QRadioButton::indicator:focus, QCheckBox::indicator:focus {{ border: 2px solid {c.accent}; }}
    QProgressBar {{ background: {c.field}; border: none; border-radius: 2px; height: 4px;
        max-height: 4px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 2px; }}
    QProgressBar[good="true"]::chunk {{ background: {c.good}; }}
    QProgressBar[bad="true"]::chunk {{ background: {c.bad}; }}
    QSlider::groove:horizontal {{ height: 4px; background: {c.line}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ width: 16px; margin: -6px 0; border-radius: 8px;
        background: {c.accent}; }}
    QSlider::handle:horizontal:focus {{ border: 2px solid {c.text}; width: 12px; }}
    QScrollBar:vertical {{ background: transparent; width: 9px; margin: 2px 2px 2px 1px; }}
    QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 1px 2px 2px 2px; }}
    QScrollBar::handle {{ background: {c.thumb}; border-radius: 3px; }}
    QScrollBar::handle:vertical {{ min-height: 36px; }}
    QScrollBar::handle:horizontal {{ min-width: 36px; }}
    QScrollBar::handle:disabled {{ background: transparent; }}
    QScrollBar::handle:hover:enabled {{ background: {c.soft}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        height: 0; width: 0; background: none; }}
    QSplitter::handle {{ background: {c.line}; }}
    QToolTip {{ background: {c.text}; color: {c.window}; border: none; padding: 4px 8px; }}
    """
