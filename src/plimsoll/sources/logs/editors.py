"""Editors: where extensions of Visual Studio Code and its kin keep what they store of their own.

There are more such editors every year, so that none is named: whatever has a settings folder of
their form, on this machine or as the far end of a remote one, is looked into.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.sources.logs.agent import Place

_BELOW = "User/globalStorage"


def storages(place: Place, extension: str) -> list[Path]:
    """The folders in which an extension keeps its own files, one for each editor.

    Where no editor has any, it is the one that Visual Studio Code itself would use.
    """
    settings = _settings(place)
    found = [
        *_existing(settings, f"*/{_BELOW}/{extension}"),
        *_existing(place.home, f".*-server*/data/{_BELOW}/{extension}"),
        *_existing(place.home, f".local/share/code-server/{_BELOW}/{extension}"),
    ]
    return found or [settings / "Code" / _BELOW / extension]


def storage_within(folder: Path, extensions: Sequence[str]) -> list[Path]:
    """An extension's storage in a folder that a user named: itself, its tasks, or around it."""
    if folder.name == "tasks":
        return [folder.parent]
    if (folder / "tasks").is_dir():
        return [folder]
    around = [
        found
        for extension in extensions
        for pattern in (extension, f"{_BELOW}/{extension}", f"*/{_BELOW}/{extension}")
        for found in _existing(folder, pattern)
    ]
    return around or [folder]


def _settings(place: Place) -> Path:
    if place.platform == "darwin":
        return place.home / "Library" / "Application Support"
    if place.platform == "win32":
        return Path(place.environ.get("APPDATA") or place.home / "AppData" / "Roaming")
    return Path(place.environ.get("XDG_CONFIG_HOME") or place.home / ".config")


def _existing(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
