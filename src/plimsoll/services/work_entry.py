"""Units of work as a person types them, read into one entry."""

from __future__ import annotations

from datetime import date

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.work import LONGEST_NAME, MOST, Work


def read_work(name: str, count: int | str, *, day: date, today: date) -> Work:
    """An entry from words; raises `WrongUse` for a name that is none or too long, for a count that
    is no whole number from 1 on, and for a day that is still to come. The count may be written with
    spaces or commas between its thousands.
    """
    called = name.strip()
    if not called:
        raise WrongUse(say("Say what was done: tickets, documents, pull requests."))
    if not called.isprintable() or len(called) > LONGEST_NAME:
        raise WrongUse(
            say(
                "A unit of work has a name of one line and at most {most} characters.",
                most=LONGEST_NAME,
            )
        )
    number = count if isinstance(count, int) else _whole(count)
    if number is None or not 0 < number <= MOST:
        raise WrongUse(say("The count must be a whole number from 1 to {most}.", most=f"{MOST:,}"))
    if day > today:
        raise WrongUse(say("Work is counted when it is done: that day is still to come."))
    return Work(called, day, number)


def _whole(text: str) -> int | None:
    """A whole number as it is typed; None for anything else."""
    digits = "".join(text.split()).replace(",", "").replace("，", "")
    return int(digits) if digits.isdecimal() and len(digits) <= len(str(MOST)) else None
