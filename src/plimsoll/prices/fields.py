"""Fields: the values of one table of a price file, each of its kind or refused with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn, TypeVar

from plimsoll.domain.tariff import BadPrice, check_number
from plimsoll.prices.places import Path

T = TypeVar("T")


class Table:
    """A table with no other fields than `fields`; `refuse` is told the line and what is wrong."""

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        fields: Iterable[str],
        line: Callable[[Path], int],
        refuse: Callable[[int, str], NoReturn],
        path: Path = (),
    ) -> None:
        self._values = values
        self._line = line
        self._refuse = refuse
        self._path = path
        for field in values.keys() - set(fields):
            self.wrong(field, "there is no such field")

    def __contains__(self, field: str) -> bool:
        return field in self._values

    def wrong(self, field: str, what: str) -> NoReturn:
        """Refuse the file because of one field."""
        self._refuse(self._line((*self._path, field)), f"{field}: {what}")

    def made(self, build: Callable[[], T]) -> T:
        """What `build` makes of this table, its own refusals with their lines."""
        try:
            return build()
        except BadPrice as bad:
            self.wrong(bad.field, str(bad))

    def text(self, field: str, default: str | None = None) -> str:
        """A text on one line."""
        return self._typed(field, self._value(field, default), str, "text in quotes")

    def texts(self, field: str) -> list[str]:
        """A list of texts."""
        return [self._typed(field, v, str, "text in quotes") for v in self._list(field, None)]

    def whole(self, field: str) -> int:
        """A whole number."""
        return self._typed(field, self._value(field, None), int, "a whole number")

    def wholes(self, field: str, default: Iterable[int]) -> list[int]:
        """A list of whole numbers."""
        return [self._typed(field, v, int, "a whole number") for v in self._list(field, default)]

    def number(self, field: str) -> Decimal | None:
        """An exact number that is not negative, None where there is none."""
        value = self._values.get(field)
        if value is None:
            return None
        if type(value) is int:
            value = Decimal(value)
        number = self._typed(field, value, Decimal, "a number, without quotes")
        self.made(lambda: check_number(field, number))
        return number

    def numbers(self, fields: Iterable[str]) -> Iterator[tuple[str, Decimal]]:
        """The numbers under any of these fields, in the order of the table."""
        for field in [field for field in self._values if field in set(fields)]:
            number = self.number(field)
            if number is not None:
                yield field, number

    def instant(self, field: str) -> datetime | None:
        """An instant, in UTC; None where there is none."""
        if field not in self._values:
            return None
        value = self._values[field]
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.wrong(field, "must be an instant with its offset, like 2026-11-01T00:00:00Z")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.wrong(field, "is out of range")

    def day(self, field: str) -> date | None:
        """A date; None where there is none."""
        if field not in self._values:
            return None
        return self._typed(field, self._values[field], date, "a date, like 2026-11-01")

    def table(self, field: str, fields: Iterable[str]) -> Table | None:
        """The table under a field; None where there is none."""
        if field not in self._values:
            return None
        return self._below(field, self._values[field], fields, (field,))

    def tables(self, field: str, fields: Iterable[str]) -> Iterator[Table]:
        """The tables in the list under a field."""
        for number, value in enumerate(self._list(field, ())):
            yield self._below(field, value, fields, (field, number))

    def _below(self, field: str, value: object, fields: Iterable[str], path: Path) -> Table:
        if not isinstance(value, dict):
            self.wrong(field, "must be a table")
        return Table(
            value,
            fields=fields,
            line=self._line,
            refuse=self._refuse,
            path=(*self._path, *path),
        )

    def _value(self, field: str, default: object) -> object:
        value = self._values.get(field, default)
        if value is None:
            self.wrong(field, "is missing")
        return value

    def _list(self, field: str, default: Iterable[object] | None) -> list[object]:
        value = self._value(field, None if default is None else list(default))
        return list(self._typed(field, value, list, "a list in brackets"))

    def _typed(self, field: str, value: object, kind: type[T], what: str) -> T:
        if not isinstance(value, kind) or isinstance(value, bool | datetime):
            self.wrong(field, f"must be {what}")
        return value


__all__ = ["Table"]
