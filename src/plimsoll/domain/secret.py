"""Secret: a key that does not show itself."""

from __future__ import annotations

import re
from typing import NoReturn

_KEY = re.compile(r"[\x21-\x7e]{8,1024}", re.ASCII)


class Secret:
    """A provider's key: printing, formatting, comparing or pickling it never shows the text.

    Only the network door, the vault and the redaction call `reveal`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        cleaned = text.strip()
        if not _KEY.fullmatch(cleaned):
            raise ValueError("a key is one line of at least 8 printable ASCII characters")
        self._text = cleaned

    def reveal(self) -> str:
        """The key itself: for the network door, the vault and the redaction alone."""
        return self._text

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
