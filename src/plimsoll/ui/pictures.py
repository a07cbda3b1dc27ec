"""Pictures of every page in every theme, from the real window, with or without a display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from plimsoll.domain.errors import LedgerUnreadable, NoAnswer
from plimsoll.ui import theme
from plimsoll.ui.application import application_for
from plimsoll.ui.places import PAGE_NAMES
from plimsoll.ui.window import MainWindow

if TYPE_CHECKING:
    from plimsoll.services.program import Program

PAGES = PAGE_NAMES
PATIENCE_MS = 30_000
"""An answer comes within a frame; a machine under load may need a little longer."""


def save_pictures(
    program: Program,
    folder: Path,
    *,
    sizes: Sequence[tuple[int, int]] = ((1440, 940),),
    themes: Sequence[str] = ("light", "dark"),
    pages: Sequence[str] = PAGES,
) -> tuple[Path, ...]:
    """Paint every page in every theme and size to PNG files in `folder`; answers their paths.

    Names are `overview-light.png`, with several sizes `overview-light-1440x940.png`. The same
    program at the same instant gives the same pictures. Raises `LedgerUnreadable` where the folder
    cannot be written, `NoAnswer` if a page does not settle.
    """
    settings = replace(program.settings(), theme=themes[0])
    application_for(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror) from error
    saved = []
    for scheme in themes:
        theme.use(scheme)
        theme.forget_series()
        for width, height in sizes:
            window = MainWindow(program, settings=replace(settings, theme=scheme))
            try:
                window.resize(QSize(width, height))
                window.show()
                for name in pages:
                    tail = f"-{width}x{height}" if len(sizes) > 1 else ""
                    path = folder / f"{name}-{scheme}{tail}.png"
                    _show(window, name)
                    _save(_picture(window, QSize(width, height)), path)
                    saved.append(path)
            finally:
                window.close()
                window.deleteLater()
                QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return tuple(saved)


def _show(window: MainWindow, name: str) -> None:
    """Bring a page and wait, in the event loop, until its answer is on the screen."""
    settled = False

    def mark(settled_name: str) -> None:
        nonlocal settled
        settled = settled or settled_name == name

    window.page_settled.connect(mark)
    window.furnish()
    window.shell.show_page(name)
    settled = settled or window.shell.page.is_settled
    _wait(window, lambda: settled and window.shell.status.is_known)
    window.page_settled.disconnect(mark)
    focused = window.focusWidget()
    if focused is not None:
        focused.clearFocus()  # its ring is for those who use the keyboard
    # Laying out is itself work for the event loop: let it finish before the picture is taken.
    for _ in range(2):
        loop = QEventLoop()
        QTimer.singleShot(0, loop.quit)
        loop.exec()


def _wait(window: MainWindow, is_done: Callable[[], bool]) -> None:
    if is_done():
        return
    loop = QEventLoop()

    def look(*_: object) -> None:
        if is_done():
            loop.quit()

    window.page_settled.connect(look)
    window.shell.status.changed.connect(look)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(PATIENCE_MS)
    loop.exec()
    window.page_settled.disconnect(look)
    window.shell.status.changed.disconnect(look)
    if not is_done():
        raise NoAnswer("A page did not show its answer in time for its picture.")


def _picture(window: MainWindow, size: QSize) -> QImage:
    """The window as an image of exactly `size` pixels, whatever the screen's scale."""
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
