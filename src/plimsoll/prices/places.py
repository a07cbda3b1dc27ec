"""Places: in which line of a price file each of its entries and keys stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

Path = tuple[str | int, ...]
"""The way to a value below its `[[price]]`: `("schedule", "zone")`, `("step", 0, "above")`."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\s-]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")


class Places:
    """The lines of a text in TOML, counted from 1.

    A value that stands in an inline table has the line of the table's key.
    """

    def __init__(self, text: str) -> None:
        self.entries: list[int] = []
        self._lines: dict[tuple[int, Path], int] = {}
        self._above: dict[Path, int] = {}
        self._walk(text.split("\n"))

    def lines_of(self, entry: int) -> Callable[[Path], int]:
        """Tells the line of each value of the entry with this number, or of what holds it."""

        def line(path: Path) -> int:
            while path and (entry, path) not in self._lines:
                path = path[:-1]
            return self._lines[entry, path] if path else self.entries[entry]

        return line

    def top(self, key: str) -> int:
        """The line of a key that stands in no entry; 1 where there is none."""
        return self._above.get((key,), 1)

    def _walk(self, lines: Sequence[str]) -> None:
        table: Path | None = ()
        steps: Counter[str] = Counter()
        for number, line in enumerate(lines, 1):
            header, key = _HEADER.fullmatch(line), _KEY.match(line)
            if header is not None:
                names = tuple(name.strip() for name in header[2].split("."))
                if names == ("price",) and header[1] == "[[":
                    self.entries.append(number)
                    steps.clear()
                    table = ()
                elif names[0] == "price" and self.entries:
                    table = names[1:]
                    if header[1] == "[[":
                        table = (*names[1:], steps[names[-1]])
                        steps[names[-1]] += 1
                    self._note(table, number)
                else:
                    table = None
                    self._above.setdefault(names[:1], number)
            elif key is not None:
                names = tuple(key[1].split("."))
                if table is None or not self.entries:
                    self._above.setdefault(names[:1], number)
                else:
                    self._note((*table, *names), number)

    def _note(self, path: Path, number: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault((len(self.entries) - 1, path[:length]), number)


__all__ = ["Path", "Places"]
