"""Pictures of every page in every theme, from the real window, with or without a display."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from plimsoll.domain.errors import LedgerUnreadable, NoAnswer
from plimsoll.ui import theme
from plimsoll.ui.application import application_for
from plimsoll.ui.garbage import collect_if_due, kept_to_this_thread
from plimsoll.ui.places import PAGE_NAMES
from plimsoll.ui.window import MainWindow
from plimsoll.ui.words import language as spoken_language
from plimsoll.ui.words import use_language

if TYPE_CHECKING:
    from plimsoll.services.program import Program

_MOST_LOOKS = 20

CHINESE = "zh_CN"
IN_CHINESE = ("overview", "market")
"""The pages that are painted in Chinese too."""

PATIENCE_MS = 30_000
"""An answer comes within a frame; a machine under load may need a little longer."""


def save_pictures(
    program: Program,
    folder: Path,
    *,
    sizes: Sequence[tuple[int, int]] = ((1440, 940),),
    themes: Sequence[str] = ("light", "dark"),
    pages: Sequence[str] = (),
    language: str = "",
) -> tuple[Path, ...]:
    """Paint every page and scene in every theme and size to PNG files; answers their paths.

    Names are `overview-light.png`, with several sizes `overview-light-1440x940.png`; in another
    `language` than the user's they say so: `overview-zh-light.png`. The same program at the same
    instant gives the same pictures. Raises `LedgerUnreadable` where the folder cannot be written,
    `NoAnswer` if a page does not settle.
    """
    chosen = program.settings()
    settings = replace(chosen, theme=themes[0], language=language or chosen.language)
    application_for(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror) from error
    saved: list[Path] = []
    spoken = f"-{language.partition('_')[0]}" if language else ""
    with kept_to_this_thread():
        for scheme in themes:
            theme.use(scheme)
            theme.forget_series()
            for width, height in sizes:
                window = MainWindow(program, settings=replace(settings, theme=scheme))
                try:
                    window.resize(QSize(width, height))
                    window.show()
                    tail = f"{spoken}-{scheme}"
                    tail = f"{tail}-{width}x{height}" if len(sizes) > 1 else tail
                    saved.extend(_save_pages(window, folder, pages or PAGES, tail))
                finally:
                    window.close()
                    window.deleteLater()
                    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
                    collect_if_due()
    use_language(chosen.language)
    return tuple(saved)


def save_all(program: Program, folder: Path, *, tell: Callable[[str], None]) -> tuple[Path, ...]:
    """Every page in both themes in the user's language and, where that is another, some of them in
    Chinese; `tell` gets a sentence where no font of this machine can write that.
    """
    saved = save_pictures(program, folder)
    if spoken_language() == CHINESE:
        return saved
    if not theme.can_write_chinese():
        tell(
            "No font with Chinese letters is installed: the pictures in Chinese were left out."
            " Install one, such as Noto Sans CJK SC (Debian: apt-get install fonts-noto-cjk)."
        )
        return saved
    return (*saved, *save_pictures(program, folder, pages=IN_CHINESE, language=CHINESE))


def _save_pages(
    window: MainWindow, folder: Path, pages: Sequence[str], tail: str
) -> Iterator[Path]:
    """A picture of each of these pages, as the window is now."""
    for name in pages:
        path = folder / f"{name}{tail}.png"
        page, prepare = SCENES.get(name, (name, _as_it_is))
        _show(window, page)
        prepare(window)
        _save(_picture(window, window.size()), path)
        _put_away(window)
        yield path


def _put_away(window: MainWindow) -> None:
    """Close what a step opened over its page: the next picture is of another."""
    popover = window.shell.page.popover
    if popover is not None:
        window.shell.page.popover = None
        popover.close()


def _show(window: MainWindow, name: str) -> None:
    """Bring a page and wait, in the event loop, until its answer is on the screen, and whatever
    the page asked for or changed on seeing it.
    """
    window.furnish()
    shell = window.shell
    shell.show_page(name)
    _wait(window, lambda: shell.page.is_settled and shell.status.is_known and shell.jobs.is_idle)
    focused = window.focusWidget()
    if focused is not None:
        focused.clearFocus()  # its ring is for those who use the keyboard
    _lay_out()


def _lay_out() -> None:
    """Laying out is itself work for the event loop, in several steps."""
    for _ in range(3):
        loop = QEventLoop()
        QTimer.singleShot(0, loop.quit)
        loop.exec()


def _as_it_is(_window: MainWindow) -> None:
    """A page as it opens."""


def _explain_month(window: MainWindow) -> None:
    """*How do we know?* of the first screen's first figure, as a part of the window."""
    from plimsoll.ui.widgets.provenance import HowDoWeKnow

    page = window.shell.page
    page.popover = popover = HowDoWeKnow(page)
    popover.setParent(window.shell, Qt.WindowType.Widget)
    loop = QEventLoop()
    popover.completed.connect(loop.quit)
    QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
    page.month.opened.emit()  # type: ignore[attr-defined] # the first screen's own
    if not popover.sections:
        loop.exec()
    _lay_out()


def _explain_change(window: MainWindow) -> None:
    """Why the period differs from the one before, at the foot of its page."""
    window.shell.page.intend("why")
    _lay_out()


def _cut_by_sessions(window: MainWindow) -> None:
    """The sessions of coding agents; the last scene of its page, which stays cut so."""
    window.shell.page.intend("sessions")
    _wait(window, lambda: window.shell.page.is_settled)
    _lay_out()


SCENES: Mapping[str, tuple[str, Callable[[MainWindow], None]]] = {
    "overview-how": ("overview", _explain_month),
    "spend-why": ("spend", _explain_change),
    "spend-sessions": ("spend", _cut_by_sessions),
}
"""What is one step away from a page: the page's name, and the step."""

PAGES = (*PAGE_NAMES, *SCENES)


def _wait(window: MainWindow, is_done: Callable[[], bool]) -> None:
    if is_done():
        return
    loop = QEventLoop()

    def look(*_: object) -> None:
        if is_done():
            loop.quit()

    signals = (window.page_settled, window.shell.status.changed, window.shell.jobs.rested)
    for signal in signals:
        signal.connect(look)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(PATIENCE_MS)
    loop.exec()
    for signal in signals:
        signal.disconnect(look)
    if not is_done():
        raise NoAnswer("A page did not show its answer in time for its picture.")


def _picture(window: MainWindow, size: QSize) -> QImage:
    """The window as an image of exactly `size` pixels, when it has stopped moving."""
    image = _rendered(window, size)
    for _ in range(_MOST_LOOKS):
        before = image
        _lay_out()
        image = _rendered(window, size)
        if image == before:
            break
    return image


def _rendered(window: MainWindow, size: QSize) -> QImage:
    """The window as it is now, whatever the screen's scale."""
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(theme.current().colour("window"))
    window.render(image)
    return image


def _save(image: QImage, path: Path) -> None:
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload] # its stub wants bytes
        raise _unwritable(path, "the picture was not written")


def _unwritable(path: Path, why: str | None) -> LedgerUnreadable:
    return LedgerUnreadable(
        f"The pictures could not be written to {path} ({why}).",
        remedy="Name another folder, or check its permissions and the free space.",
    )
