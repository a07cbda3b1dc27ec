"""Strict JSON: a provider's answer is read exactly, or not at all.

UTF-8 only and without a byte order mark, an object at the top, no key twice in one object, no NaN
or infinity; a number with a point is a `Decimal` made from the source text, never a float
(RFC 8259 leaves all of these to the reader; Python's defaults take each of them silently).
"""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from plimsoll.domain.said import say

_MOST_DIGITS = 100
"""No figure of any provider comes near; beyond 4300 digits Python itself gives up."""

_LARGEST_EXPONENT = 400
"""`int(Decimal("1E+3000000"))` takes minutes, so such a number goes no further."""

_FOREIGN_MARKS = (
    (codecs.BOM_UTF8, say("starts with a byte order mark")),
    (codecs.BOM_UTF32_LE, say("is UTF-32, not UTF-8")),
    (codecs.BOM_UTF32_BE, say("is UTF-32, not UTF-8")),
    (codecs.BOM_UTF16_LE, say("is UTF-16, not UTF-8")),
    (codecs.BOM_UTF16_BE, say("is UTF-16, not UTF-8")),
)


_HALF_PAIR = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):
    """The bytes are not the JSON that is accepted here.

    The message completes the sentence "The answer …". `is_json` tells JSON of a wrong kind from
    something that is no JSON at all.
    """

    def __init__(self, why: str, *, is_json: bool = False) -> None:
        super().__init__(why)
        self.is_json = is_json


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object that `body` is; raises `Unreadable`."""
    if not body.strip():
        raise Unreadable(say("is empty"))
    for mark, why in _FOREIGN_MARKS:
        if body.startswith(mark):
            raise Unreadable(why)
    problem: Unreadable
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
            # Only an escape can bring half a surrogate pair: most pages are read the quick way.
            object_pairs_hook=_whole_no_key_twice if b"\\u" in body else _no_key_twice,
        )
    except Unreadable as why:
        problem = why
    except UnicodeDecodeError:
        problem = Unreadable(say("is not UTF-8 text"))
    except ValueError:
        problem = Unreadable(say("is not JSON"))
    except RecursionError:
        problem = Unreadable(say("is nested too deeply"), is_json=True)
    else:
        if isinstance(value, dict):
            return value
        problem = Unreadable(say("is JSON, but not an object"), is_json=True)
    # Raised here, outside the handler, so that no decoder's exception, which holds the whole
    # text, hangs on to this one.
    raise problem.with_traceback(None)


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise Unreadable(say("holds a number with too many digits"), is_json=True)
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > _MOST_DIGITS:
        raise Unreadable(say("holds a number with too many digits"), is_json=True)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable(say("holds a number out of any range"), is_json=True) from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _LARGEST_EXPONENT:
        raise Unreadable(say("holds a number out of any range"), is_json=True)
    return number


def _no_constant(text: str) -> NoReturn:
    raise Unreadable(say("holds {text}, which is not a number", text=text), is_json=True)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unreadable(say("names a field twice"), is_json=True)
    return value


def _whole_no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return _no_key_twice([(name, _whole_text(item)) for name, item in pairs])


def _whole_text(item: object) -> object:
    """Half of a surrogate pair, which an escape can bring in, cannot be stored: U+FFFD instead."""
    if isinstance(item, str):
        return item if item.isascii() else _HALF_PAIR.sub("\ufffd", item)
    if isinstance(item, list):
        return [_whole_text(part) for part in item]
    return item
