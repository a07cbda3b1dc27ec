"""Colour roles for light and dark, the series' colours, type and icons: how everything looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from PySide6.QtCore import QByteArray, QEvent, QLocale, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from plimsoll.shipped import resource
from plimsoll.ui.stylesheet import stylesheet
from plimsoll.ui.words import ask_system_with

THEME_EVENTS = frozenset({QEvent.Type.PaletteChange, QEvent.Type.StyleChange})
"""What a widget's `changeEvent` sees when the theme changes."""

_DRESSED = "plimsoll_is_fusion"

SCHEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Theme:
    """One look: every colour by its role, as `#RRGGBB`.

    Text roles reach 4.5:1 and signal roles 5:1 on `card` (WCAG 1.4.3); `faint` is for cards only.
    `series` are the six colours of things, chosen for the smallest CIEDE2000 distance under normal
    and simulated colour-blind sight; `other` is the grey of Other, `unnamed` that of amounts
    without the dimension. `high_contrast` asks for outlines around every coloured shape.
    """

    name: str
    dark: bool
    window: str
    card: str
    raised: str
    """Menus, tooltips and fields."""
    hover: str
    selected: str
    text: str
    muted: str
    faint: str
    border: str
    field: str
    """The edge of what can be typed into."""
    grid: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    series: tuple[str, ...]
    other: str
    unnamed: str
    high_contrast: bool = False

    def colour(self, role: str) -> QColor:
        """The colour of a role by its name; a `#RRGGBB` text stands for itself."""
        return QColor(role if role.startswith("#") else str(getattr(self, role)))


LIGHT = Theme(
    name="light",
    dark=False,
    window="#F5F6F8",
    card="#FFFFFF",
    raised="#FFFFFF",
    hover="#F1F3F6",
    selected="#E9EDF3",
    text="#12161C",
    muted="#4C5564",
    faint="#687180",
    border="#E3E6EB",
    field="#C2C8D1",
    grid="#ECEEF2",
    accent="#2F5FE0",
    on_accent="#FFFFFF",
    good="#0B7A4B",
    warn="#9A5B00",
    bad="#B42318",
    series=("#2951B9", "#E8A23C", "#359E81", "#8A2C66", "#79BEEF", "#C8553E"),
    other="#9AA2AE",
    unnamed="#5B6472",
)

DARK = Theme(
    name="dark",
    dark=True,
    window="#0F1216",
    card="#171B21",
    raised="#1D222A",
    hover="#1D232B",
    selected="#232B35",
    text="#E9ECF1",
    muted="#A8B0BC",
    faint="#8A93A1",
    border="#2A3038",
    field="#3D4652",
    grid="#242A32",
    accent="#7DA2FF",
    on_accent="#0F1216",
    good="#4CC38A",
    warn="#F0B03F",
    bad="#FF7A6E",
    series=("#5084E6", "#F2AF46", "#33B597", "#8B5293", "#94D6FA", "#DE704F"),
    other="#7B8494",
    unnamed="#B9C0CB",
)

_FAMILIES = (
    "Inter",  # ours: Latin letters, and figures of one width
    *("PingFang SC", "Microsoft YaHei UI"),  # macOS, Windows
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("WenQuanYi Micro Hei", "Segoe UI", "DejaVu Sans"),
)
_FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")


class Observer(QObject):
    """Tells open widgets that the look changed; everything painted asks `current()` by itself.

    Signals:
        changed(Theme): the theme in force from now on.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scheme = ""
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def choose(self, scheme: str) -> Theme:
        """Use a scheme: `system` follows the desktop from now on, `light` and `dark` stay."""
        self._scheme = scheme
        application = QApplication.instance()
        if isinstance(application, QApplication):
            _tell_platform(scheme)
            apply(application, theme_for(scheme))
        return current()

    def _follow_system(self) -> None:
        application = QApplication.instance()
        if self._scheme == "system" and isinstance(application, QApplication):
            theme = theme_for("system")
            if theme != current():
                apply(application, theme)


ask_system_with(lambda: QLocale.system().name())  # Qt knows it on every desktop

_current = LIGHT
_observer: Observer | None = None


def current() -> Theme:
    """The theme in force."""
    return _current


def observer() -> Observer:
    """The one object that signals a change of theme; needs a running application."""
    global _observer  # noqa: PLW0603 - one look for the whole window
    if _observer is None:
        _observer = Observer()
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(_forget_observer)
    return _observer


def _forget_observer() -> None:
    global _observer  # noqa: PLW0603 - it must not outlive the application
    _observer = None


def use(scheme: str) -> Theme:
    """Dress the running application: `system`, `light` or `dark`. Answers the theme in force."""
    if scheme not in SCHEMES:
        raise ValueError(f"no such colour scheme: {scheme}")
    return observer().choose(scheme)


def theme_for(scheme: str) -> Theme:
    """The theme of a scheme; `system` asks the desktop, and light where it does not say."""
    hints = QGuiApplication.styleHints()
    asked = Qt.ColorScheme.Dark if scheme == "dark" else Qt.ColorScheme.Light
    dark = (hints.colorScheme() if scheme == "system" else asked) == Qt.ColorScheme.Dark
    contrast = hints.accessibility().contrastPreference()
    theme = DARK if dark else LIGHT
    return replace(theme, high_contrast=contrast == Qt.ContrastPreference.HighContrast)


def apply(application: QApplication, theme: Theme) -> None:
    """Fusion, our own palette, one stylesheet and Inter: the same on every desktop."""
    global _current  # noqa: PLW0603 - one look for the whole window
    _current = theme
    _load_fonts()
    if not application.property(_DRESSED):  # below a stylesheet a style does not say its name
        if application.style().name() != "fusion":
            application.setStyle("Fusion")
        application.setProperty(_DRESSED, True)
    application.setFont(font())
    application.setPalette(palette_of(theme))
    application.setStyleSheet(stylesheet(theme))
    observer().changed.emit(theme)


def palette_of(theme: Theme) -> QPalette:
    """Qt's palette from our roles, so that every stock widget and dialog agrees."""
    role = QPalette.ColorRole
    palette = QPalette()
    for qt_role, name in (
        (role.Window, "window"),
        (role.WindowText, "text"),
        (role.Base, "card"),
        (role.AlternateBase, "hover"),
        (role.Text, "text"),
        (role.Button, "card"),
        (role.ButtonText, "text"),
        (role.BrightText, "bad"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "faint"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Accent, "accent"),
        (role.Light, "raised"),
        (role.Midlight, "hover"),
        (role.Mid, "border"),
        (role.Dark, "border"),
        (role.Shadow, "border"),
    ):
        palette.setColor(qt_role, theme.colour(name))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, qt_role, theme.colour("faint"))
    return palette


def font(size: int = 13, weight: int = 400) -> QFont:
    """Inter at a pixel size and a weight of 400, 500 or 600, its figures all of one width."""
    _load_fonts()
    made = QFont()
    made.setFamilies(list(_FAMILIES))
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    if size >= 20:  # large figures of one width look loose otherwise
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 97.5)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def can_write_chinese() -> bool:
    """Whether some font of this machine has simplified Chinese letters; ours have none."""
    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))


@cache
def _load_fonts() -> None:
    for name in _FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))


def _tell_platform(scheme: str) -> None:
    """Let native frames and dialogs agree; a silent no-op where the platform cannot."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    QGuiApplication.styleHints().setColorScheme(schemes.get(scheme, Qt.ColorScheme.Unknown))


class _Colours:
    """Which of the six colours belongs to which thing, kept for the session."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    def assign(self, names: Sequence[str], count: int) -> None:
        """Give every name a colour, distinct among the first `count` of `names`.

        Known names keep theirs; of two that clash in one picture the less important one, named
        later, moves to a free colour for good.
        """
        taken: set[int] = set()
        for name in names:
            index = self._index.get(name)
            if index is None or (index in taken and len(taken) < count):
                index = self._free(taken, set(names), count)
            self._index[name] = index
            taken.add(index)

    def index_of(self, name: str, count: int) -> int:
        if name not in self._index:
            self.assign((name,), count)
        return self._index[name]

    def clear(self) -> None:
        self._index.clear()

    def _free(self, taken: set[int], names: set[str], count: int) -> int:
        used = list(self._index.values())
        reserved = {self._index[name] for name in names if name in self._index}
        return min(range(count), key=lambda i: (i in taken, i in reserved, used.count(i), i))


_colours = _Colours()


def register_series(names: Sequence[str]) -> None:
    """Give the things of one picture their colours, the most important first.

    A thing that already has one keeps it on every page and in both themes.
    """
    _colours.assign(names, len(LIGHT.series))


def series_colour(name: str | None, theme: Theme | None = None, *, other: bool = False) -> QColor:
    """The colour of one thing; grey for Other, another grey for amounts without a name."""
    theme = theme or current()
    if other:
        return theme.colour("other")
    if name is None:
        return theme.colour("unnamed")
    return QColor(theme.series[_colours.index_of(name, len(theme.series))])


def forget_series() -> None:
    """Start anew with the colours: for tests and for pictures that must not depend on a session."""
    _colours.clear()


def icon(
    name: str,
    role: str = "muted",
    theme: Theme | None = None,
    *,
    sizes: Sequence[int] = (16, 20, 24, 32),
) -> QIcon:
    """An icon of `resources/icons` in the colour of a role, crisp at 1x, 1.5x and 2x.

    Make it again when the theme changes; `widgets.controls` buttons do so by themselves. Who shows
    it in one size only says so: each is painted now.
    """
    made = QIcon()
    drawing = _drawing(name, role, theme)
    for size in sizes:
        for ratio in (1.0, 1.5, 2.0):
            made.addPixmap(_painted(drawing, size, ratio))
    return made


def pixmap(
    name: str,
    role: str = "muted",
    size: int = 20,
    *,
    ratio: float = 1.0,
    theme: Theme | None = None,
) -> QPixmap:
    """An icon as a picture of `size` logical pixels at a device ratio."""
    return _painted(_drawing(name, role, theme), size, ratio)


def faded(colour: QColor, share: float) -> QColor:
    """The same colour with an opacity of 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(share)
    return made


def _drawing(name: str, role: str, theme: Theme | None) -> QSvgRenderer:
    colour = (theme or current()).colour(role).name()
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))


def _painted(drawing: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture
