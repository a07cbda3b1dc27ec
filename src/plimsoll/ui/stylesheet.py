"""The one stylesheet, filled from the roles of a theme."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from plimsoll.shipped import resource

if TYPE_CHECKING:
    from plimsoll.ui.theme import Theme

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 5px 8px; }
QLabel { background: transparent; }
QLabel[tone="neutral"], QLabel[tone="muted"] { color: $muted; }
QLabel[tone="faint"] { color: $faint; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLabel[tone="text"] { color: $text; }
QLabel[tone="accent"] { color: $accent; }

QFrame#card { background: $card; border: ${line}px solid $border; border-radius: 12px; }
QFrame#card[openable="true"]:hover { border-color: $faint; }
QFrame#card[openable="true"]:focus { border: 2px solid $accent; }
QFrame#popover { background: $raised; border: 1px solid $border; border-radius: 10px; }

QPushButton { background: $card; color: $text; border: ${line}px solid $outline; border-radius: 8px;
    padding: 6px 14px; min-height: 18px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selected; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $faint; background: $window; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $selected; color: $faint;
    border-color: $selected; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: $accent;
    padding: 2px 4px; min-height: 16px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid $accent; }
QPushButton[kind="icon"] { background: transparent; border: 1px solid transparent; padding: 4px;
    min-height: 16px; }
QPushButton[kind="icon"]:hover { background: $hover; }
QPushButton[kind="icon"]:focus { border: 1px solid $accent; }

QFrame#segments { background: $card; border: ${line}px solid $outline; border-radius: 9px; }
QPushButton[kind="segment"] { background: transparent; color: $muted; border: 1px solid transparent;
    border-radius: 6px; padding: 3px 12px; min-height: 18px; }
QPushButton[kind="segment"]:hover { background: $hover; color: $text; }
QPushButton[kind="segment"]:checked { background: $selected; color: $text; font-weight: 600; }
QPushButton[kind="segment"]:focus { border: 1px solid $accent; }

QLineEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QComboBox {
    background: $raised; color: $text; border: ${line}px solid $field; border-radius: 8px;
    padding: 6px 10px; min-height: 18px; selection-background-color: $accent;
    selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus,
QTimeEdit:focus, QComboBox:focus { border: 2px solid $accent; padding: 5px 9px; }
QLineEdit:disabled, QDateEdit:disabled, QTimeEdit:disabled, QComboBox:disabled {
    color: $faint; background: $window; }
QLineEdit[state="bad"] { border-color: $bad; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: none; padding: 0; min-height: 0;
    background: transparent; }
QComboBox::drop-down, QDateEdit::drop-down { border: none; width: 24px; }
QComboBox::down-arrow, QDateEdit::down-arrow { image: url($chevron); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; padding: 4px;
    selection-background-color: $selected; selection-color: $text; outline: none; }

QMenu { background: $raised; border: 1px solid $border; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 6px 22px 6px 12px; border-radius: 5px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }

QTableView { background: transparent; border: none; gridline-color: transparent; color: $text;
    selection-background-color: $selected; selection-color: $text; outline: none; }
QTableView::item { padding: 0 8px; border-bottom: 1px solid $grid; }
QTableView::item:hover { background: $hover; }
QTableView::item:selected { background: $selected; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $muted; border: none;
    border-bottom: 1px solid $border; padding: 6px 11px; font-weight: 500; }
QHeaderView::section:hover { color: $text; }
QHeaderView::up-arrow, QHeaderView::down-arrow { image: none; width: 0; height: 0; }
QTableCornerButton::section { background: transparent; border: none; }

QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 2px; }
QScrollBar::handle { background: $outline; border-radius: 4px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QCheckBox, QRadioButton { spacing: 8px; color: $text; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 15px; height: 15px; background: $raised;
    border: ${line}px solid $faint; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus,
QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($tick); }
QRadioButton::indicator:checked { width: 7px; height: 7px; border: 5px solid $accent;
    border-radius: 8px; background: $on_accent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; }
QDialog { background: $window; }
QSplitter::handle { background: transparent; }
""")


_NOT_TEXT = ("series", "field")


def stylesheet(theme: Theme) -> str:
    """The text for `QApplication.setStyleSheet`; rules speak of roles, never of colours."""
    roles = {name: str(getattr(theme, name)) for name in theme.__slots__ if name not in _NOT_TEXT}
    accent = theme.colour("accent")
    contrast = theme.high_contrast
    return _SHEET.substitute(
        roles,
        line=2 if contrast else 1,
        outline=theme.muted if contrast else theme.border,
        accent_hover=(accent.lighter(108) if theme.dark else accent.darker(108)).name(),
        accent_pressed=(accent.lighter(116) if theme.dark else accent.darker(118)).name(),
        field=theme.muted if contrast else theme.field,
        chevron=_picture("list-arrow", theme),
        tick=_picture("tick", theme),
    )


def _picture(name: str, theme: Theme) -> str:
    """Stylesheets cannot tint an icon, so what they show ships in both colours."""
    return resource(f"icons/{name}-{theme.name}.svg").as_posix()
