"""How long an answer asks to wait, in the ways that HTTP has to say so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 24 * 3600.0

_SECONDS = re.compile(r"(\d{1,15})(?:\.(\d{1,9}))?", re.ASCII)


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks to wait, at least 1 and at most a day; or None.

    Whole or decimal seconds, or an HTTP date (RFC 9110, 10.2.3), which is read against the
    answer's own `Date`, so that a wrong clock here does no harm. Anything else counts as absent.
    Where several limits have a header each (Azure's `x-ms-ratelimit-…-retry-after`), the longest
    wait holds.
    """
    told = [text for name, text in headers.items() if name.endswith("retry-after")]
    waits = [_wait_told(text.strip(), headers.get("date", ""), now=now) for text in told]
    return max((wait for wait in waits if wait is not None), default=None)


def _wait_told(text: str, date: str, *, now: datetime) -> float | None:
    if match := _SECONDS.fullmatch(text):
        seconds = float(match.group())
    else:
        until = _http_date(text)
        if until is None:
            return None
        seconds = (until - (_http_date(date) or now)).total_seconds()
        if seconds <= 0:  # over by the server's clock: then it may have been meant by ours
            seconds = (until - now).total_seconds()
    return min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    """An HTTP date, or None. Without a zone it is UTC, as the grammar means it."""
    if not text or len(text) > 60 or not text.isascii() or text.strip().isdecimal():
        return None
    try:
        instant = parsedate_to_datetime(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
