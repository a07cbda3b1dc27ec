"""Settings: the few choices a user makes for the window, kept in one small file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.currencies import CODES
from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.domain.said import say

if TYPE_CHECKING:
    from plimsoll.domain.alerting import QuietHours

FILE = "settings.json"
THEMES = ("system", "light", "dark")
LANGUAGES = ("system", "en", "zh_CN")
PACES = ("few", "usual", "many")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose. A word that this program does not know falls back to the usual one.

    `display_currency` is the currency that amounts of all currencies are shown in together, empty
    where each is shown in its own. `price_updates` allows list prices to be fetched over the
    network, from `price_address` where it is not empty. From `quiet_from` to `quiet_to`, such as
    `22:00`, budgets tell only what is urgent; empty where no hours are quiet. `alert_pace` is how
    many alerts may be told, in a word of `PACES`. `alert_command` is run for each alert that is
    told, and `alert_webhook` is the host that gets it, whose whole address is in the keyring; empty
    where alerts go nowhere else. `sparing` asks providers less often on a low battery and on a
    metered network; `in_tray` keeps the program running in the tray when its window is closed.
    """

    theme: str = "system"
    language: str = "system"
    notifications: bool = True
    display_currency: str = ""
    price_updates: bool = False
    price_address: str = ""
    quiet_from: str = ""
    quiet_to: str = ""
    alert_pace: str = "usual"
    alert_command: str = ""
    alert_webhook: str = ""
    sparing: bool = True
    in_tray: bool = False

    @property
    def quiet_hours(self) -> QuietHours | None:
        """The hours in which only a passed budget is told, by this machine's clock."""
        from plimsoll.domain.alerting import QuietHours

        if not self.quiet_from or not self.quiet_to:
            return None
        return QuietHours(time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to))


def default_data_dir() -> Path:
    """Where figures live unless told otherwise: the platform's place for user data."""
    chosen = os.environ.get("PLIMSOLL_DATA_DIR")
    return Path(chosen).expanduser() if chosen else usual_data_dir()


def usual_data_dir() -> Path:
    """The platform's place for user data, whatever the environment says."""
    from platformdirs import user_data_path

    return user_data_path("plimsoll", appauthor=False)


def load(folder: Path) -> Settings:
    """The settings of a data directory; the usual ones where there are none or they are damaged."""
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(stored, dict):
        return Settings()
    known = {f.name: stored[f.name] for f in fields(Settings) if f.name in stored}
    settings = Settings(
        theme=str(known.get("theme", "system")),
        language=str(known.get("language", "system")),
        notifications=known.get("notifications") is not False,
        display_currency=str(known.get("display_currency", "")),
        price_updates=known.get("price_updates") is True,
        price_address=str(known.get("price_address", "")),
        quiet_from=_hour(known.get("quiet_from")),
        quiet_to=_hour(known.get("quiet_to")),
        alert_pace=str(known.get("alert_pace", "usual")),
        alert_command=_line(known.get("alert_command")),
        alert_webhook=_line(known.get("alert_webhook")),
        sparing=known.get("sparing") is not False,
        in_tray=known.get("in_tray") is True,
    )
    display = settings.display_currency
    return replace(
        settings,
        theme=settings.theme if settings.theme in THEMES else "system",
        language=settings.language if settings.language in LANGUAGES else "system",
        display_currency=display if display in CODES else "",
        alert_pace=settings.alert_pace if settings.alert_pace in PACES else "usual",
    )


def _line(word: object) -> str:
    """One line of text; empty for anything else."""
    return word.strip() if isinstance(word, str) and word.isprintable() else ""


def _hour(word: object) -> str:
    """An hour such as `22:00`; empty for anything else."""
    try:
        return time.fromisoformat(str(word)).strftime("%H:%M")
    except ValueError:
        return ""


def save(folder: Path, settings: Settings) -> None:
    """Keep the settings whole: written beside, then put in place."""
    target = folder / FILE
    beside = folder / f".{FILE}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.write_text(json.dumps(asdict(settings), indent=1) + "\n", encoding="utf-8")
        beside.replace(target)
    except OSError as error:
        raise LedgerUnreadable(
            say(
                "The settings could not be written to {target} ({strerror}).",
                target=str(target),
                strerror=str(error.strerror),
            ),
            remedy=say("Check the folder's permissions and the free space."),
        ) from error
