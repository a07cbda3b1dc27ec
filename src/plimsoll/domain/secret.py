"""Secret: a key that does not show itself."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from plimsoll.domain.said import say

_KEY = re.compile(r"[\x21-\x7e]{8,4096}", re.ASCII)
_LONGEST_DOCUMENT = 16384


class Secret:
    """A provider's key: printing, formatting, comparing or pickling it never shows the text.

    A key is one line, or a JSON object (a service account's file), which is kept on one line. Only
    the network door's signers, the vault and the redaction call `reveal`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        cleaned = text.strip()
        if cleaned.startswith("{"):
            cleaned = _on_one_line(cleaned)
        elif not _KEY.fullmatch(cleaned):
            raise ValueError(say("a key is one line of at least 8 printable ASCII characters"))
        self._text = cleaned

    def reveal(self) -> str:
        """The key itself: for the network door's signers, the vault and the redaction alone."""
        return self._text

    @property
    def is_pair(self) -> bool:
        """Whether it has two halves with a colon between them."""
        first, colon, second = self._text.partition(":")
        return bool(first and colon and second) and not self._text.startswith("{")

    @property
    def tail(self) -> str:
        """The last four characters, for the user to tell keys apart."""
        return self._text[-4:]

    def starts_with(self, *prefixes: str) -> bool:
        """Whether the key begins with one of `prefixes`."""
        return self._text.startswith(prefixes)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


def _on_one_line(document: str) -> str:
    """A JSON object without its line breaks; raises `ValueError`, which shows nothing of it."""
    fits = len(document) <= _LONGEST_DOCUMENT and document.endswith("}")
    try:
        return json.dumps(json.loads(document if fits else ""), separators=(",", ":"))
    except (ValueError, RecursionError):
        pass
    # Raised here, outside the handler: the decoder's own exception holds the whole text.
    raise ValueError(say("a key that starts with {brace} is a whole JSON object", brace="{"))
