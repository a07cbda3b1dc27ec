"""How a simulated provider reads a question: parameters, limits, cursors and refusals."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: a status, a JSON body and headers beyond the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(ValueError):
    """A question that the provider answers with an error; `code` is the provider's own word."""

    def __init__(
        self, status: int, message: str, *, code: str = "", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one request, checked against what the endpoint knows."""

    path: str
    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str | None:
        """The only value of a parameter, None where it is left out."""
        found = self.values.get(name, ())
        if len(found) > 1:
            raise RefusedError(400, f"'{name}' was given more than once.", param=name)
        return found[0] if found else None

    def many(self, name: str) -> tuple[str, ...]:
        """Every value of an array parameter."""
        return self.values.get(name, ())

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of some words."""
        text = self.one(name)
        if text is None:
            return default
        if text not in allowed:
            raise RefusedError(
                400,
                f"Invalid value: '{text}'. Supported values are: {', '.join(sorted(allowed))}.",
                param=name,
            )
        return text

    def number(self, name: str, *, least: int, most: int, default: int) -> int:
        """A whole number within limits, both included."""
        text = self.one(name)
        if text is None:
            return default
        value = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
        if value is None or not least <= value <= most:
            raise RefusedError(
                400,
                f"'{name}' must be an integer from {least} to {most}, not '{text}'.",
                param=name,
            )
        return value

    def group_by(self, allowed: Collection[str]) -> tuple[str, ...]:
        """The dimensions to split by, each at most once."""
        asked = self.many("group_by")
        for name in asked:
            if name not in allowed:
                raise RefusedError(400, f"Cannot group by '{name}' here.", param="group_by")
        if len(set(asked)) != len(asked):
            raise RefusedError(400, "'group_by' has a value twice.", param="group_by")
        return asked

    @property
    def digest(self) -> str:
        """What a cursor is bound to: the path and every parameter but the cursor itself."""
        pairs = sorted((name, value) for name, value in self.values.items() if name != "page")
        return hashlib.sha256(repr((self.path, pairs)).encode()).hexdigest()[:20]


def read_question(
    path: str,
    query: str,
    *,
    single: Collection[str],
    arrays: Collection[str],
    brackets_only: bool,
) -> Asked:
    """Parse a query string; an unknown parameter is refused, as the real ones do.

    Array parameters are written `name[]=`; unless `brackets_only`, a bare repeated `name=` too.
    """
    values: dict[str, list[str]] = {}
    for written, value in parse_qsl(query, keep_blank_values=True, errors="strict"):
        bare = written.removesuffix("[]")
        known = written in single or (bare in arrays and (written != bare or not brackets_only))
        if not known:
            raise RefusedError(
                400, f"Unknown parameter: '{written}'.", code="unknown_parameter", param=written
            )
        values.setdefault(bare, []).append(value)
    return Asked(path, {name: tuple(given) for name, given in values.items()})


def seal_cursor(asked: Asked, *position: int) -> str:
    """An opaque cursor: where to go on, bound to the exact question."""
    text = ":".join((*map(str, position), asked.digest))
    return "page_" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def open_cursor(asked: Asked, count: int) -> tuple[int, ...] | None:
    """The `count` numbers in a question's cursor; None without one, refused where it is foreign."""
    text = asked.one("page")
    if text is None:
        return None
    wrong = RefusedError(400, "Invalid page cursor for this query.", param="page")
    try:
        padded = text.removeprefix("page_") + "=" * (-len(text.removeprefix("page_")) % 4)
        parts = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(":")
        position = tuple(int(part) for part in parts[:-1])
    except ValueError:
        raise wrong from None
    if parts[-1] != asked.digest or len(position) != count:
        raise wrong
    return position
