"""Projects: the repository that a folder belongs to, as far as its path says, and its short name.

A worktree is a second folder of one repository: coding agents make one for each task, and what was
spent in them was spent on the repository.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")

_INSIDE = ((".claude", "worktrees"), (".worktrees",))
"""Folders of a repository in which agents keep its worktrees, one folder each."""

_BESIDE = (".worktrees", "-worktrees", "_worktrees")
"""Endings of a folder beside a repository, with its name before them, that holds its worktrees."""


def repositories(told: Mapping[str, str | None]) -> dict[str, str]:
    """The repository of every folder: the one that the disk `told`, or what the path says for
    sure, or the folder itself.

    A folder such as `shop-worktrees/fix` is a worktree of `shop` only where `shop`, beside it, is
    a repository that is known from elsewhere.
    """
    found = {path: repository or _around(path) for path, repository in told.items()}
    known = {repository for path, repository in found.items() if _beside(path) is None}
    for path in found:
        sibling = _beside(path)
        if told[path] is None and sibling in known:
            found[path] = sibling
    return found


def short_names(repositories: Iterable[str]) -> dict[str, str]:
    """What each repository is called: its folder's name, with as many of the folders above as tell
    it from another one of that name.
    """
    parts = {repository: _parts(repository) for repository in set(repositories)}
    names: dict[str, str] = {}
    depth, left = 1, set(parts)
    while left:
        tried = {repository: "/".join(parts[repository][-depth:]) for repository in left}
        taken = Counter(tried.values())
        for repository, name in tried.items():
            if taken[name] == 1 or depth >= len(parts[repository]):
                names[repository] = name or repository
        left -= names.keys()
        depth += 1
    return names


def _around(path: str) -> str:
    """The repository around a folder of worktrees inside it; else the folder itself."""
    parts = _parts(path)
    for marker in _INSIDE:
        for place in range(1, len(parts) - len(marker)):
            if tuple(parts[place : place + len(marker)]) == marker:
                return _joined(path, place)
    return path


def _beside(path: str) -> str | None:
    """The repository that a folder of worktrees beside it is named after; None for others."""
    parts = _parts(path)
    for place in range(len(parts) - 1):
        for ending in _BESIDE:
            name = parts[place].removesuffix(ending)
            if name and name != parts[place]:
                before = _joined(path, place)
                return f"{before}{'' if before.endswith(_sign(path)) else _sign(path)}{name}"
    return None


def _sign(path: str) -> str:
    return "\\" if _WINDOWS.match(path) and "\\" in path else "/"


def _parts(path: str) -> list[str]:
    pieces = re.split(r"[\\/]", path) if _WINDOWS.match(path) else path.split("/")
    return [piece for piece in pieces if piece]


def _joined(path: str, count: int) -> str:
    """The first `count` parts of a path, as it is written."""
    sign = _sign(path)
    start = re.match(r"[\\/]*", path)
    return (start.group() if start else "") + sign.join(_parts(path)[:count])
