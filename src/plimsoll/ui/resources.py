"""Where the files that ship beside the code lie: icons, fonts and words."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def resource(name: str) -> Path:
    """The path of one shipped file or folder, e.g. `icons/sync.svg`.

    An installed or frozen program has `resources` inside the package; the source tree has it at
    the top level.
    """
    here = Path(__file__).resolve()
    inside = here.parents[1] / "resources"
    top = inside if inside.is_dir() else here.parents[3] / "resources"
    return top / name
