"""The order of Tab: as the eye goes, through what the layouts hold, whenever that was made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def put_in_order(root: QWidget) -> None:
    """Let Tab go through everything in `root` in the order of its layouts.

    Qt itself goes by when a widget was made, so that what comes with an answer would be last.
    """
    for before, after in pairwise(_held(root)):
        QWidget.setTabOrder(before, after)


def _held(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    inner = widget.widget() if isinstance(widget, QScrollArea) else None
    if inner is not None:
        yield from _held(inner)
    layout = widget.layout()
    if layout is not None:
        yield from _laid_out(layout)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, within = item.widget(), item.layout()
        if widget is not None:
            yield from _held(widget)
        elif within is not None:
            yield from _laid_out(within)
