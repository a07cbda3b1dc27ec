"""Buttons whose icons follow the theme: the one thing to do here, and the quieter ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from plimsoll.ui import theme as look

_ICON = 16


class _Button(QPushButton):
    """A button whose icon follows the theme."""

    kind = ""
    icon_role = "text"

    def __init__(self, text: str = "", *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon_name = icon
        self._icon_theme: object = None
        self.setProperty("kind", self.kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(look.font(13, 500))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(_ICON, _ICON))
        self._tint()

    def set_icon(self, name: str) -> None:
        """Another icon of `resources/icons`; empty for none."""
        self._icon_name, self._icon_theme = name, None
        self._tint()

    def _tint(self) -> None:
        theme = look.current()
        if self._icon_name and self._icon_theme != theme:
            self._icon_theme = theme
            self.setIcon(look.icon(self._icon_name, self.icon_role, theme, sizes=(_ICON,)))

    def changeEvent(self, event: QEvent) -> None:
        """A new palette is a new theme."""
        if event.type() in look.THEME_EVENTS and hasattr(self, "_icon_name"):
            self._tint()
        super().changeEvent(event)


class PrimaryButton(_Button):
    """The one thing to do here."""

    kind = "primary"
    icon_role = "on_accent"


class QuietButton(_Button):
    """Something else that can be done; `danger` for what cannot be undone."""

    kind = "quiet"

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        danger: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self.kind = "danger" if danger else "quiet"
        self.icon_role = "bad" if danger else "muted"
        super().__init__(text, icon=icon, parent=parent)


class LinkButton(_Button):
    """An action inside a sentence."""

    kind = "link"
    icon_role = "accent"


class IconButton(_Button):
    """A small button with an icon alone; its words are its tooltip and its accessible name."""

    kind = "icon"
    icon_role = "muted"

    def __init__(self, icon: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(icon=icon, parent=parent)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setFixedSize(28, 28)
