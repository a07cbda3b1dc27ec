"""Redaction: a text in which no key shows, neither a known one in any dress nor one by its looks.

Known keys are found exactly: plain, in hex, base64 or percent form, in any case, and every piece
of eight characters of them, so that a provider's "you sent sk-admin-ab…" shows nothing either.
Unknown ones are found by the shapes that providers give their keys.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from plimsoll.domain.secret import Secret

HIDDEN = "***"

_WINDOW = 8
"""Pieces of a key this long or longer are hidden wherever they stand."""

_PUBLIC_PREFIX = re.compile(
    r"(?:sk-ant-(?:admin|api|sid|oat)\d{2}-|sk-(?:proj|svcacct|admin|service|None)-|sk-or-v1-|sk-|AIza)?"
)

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<![A-Za-z0-9])sk-ant-(?:admin|api|sid|oat)\d{2}-[\w-]{20,}", HIDDEN),
        (r"(?<![A-Za-z0-9])sk-(?:proj|svcacct|admin|service|None)-[\w-]{20,}", HIDDEN),
        (r"(?<![A-Za-z0-9])sk-or-v1-[0-9a-f]{40,}", HIDDEN),
        (r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}", HIDDEN),
        (r"AIza[\w-]{35}", HIDDEN),
        (r"gh[pousr]_\w{30,}", HIDDEN),
        # Keys that a provider has masked itself still show their ends.
        (r"[\w-]+[*•]{3,}[\w*•-]*|[*•]{3,}[\w-]+", HIDDEN),
        (r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {HIDDEN}"),
        (
            r"""(?ix)\b( x-api-key | x-goog-api-key | api-key | authorization | cookie )\b
            ( ["']?\s*[:=,]\s*b?["']? ) (?: (?:bearer|basic)\s+ )? [^\s"',;]+""",
            rf"\1\2{HIDDEN}",
        ),
        (r"(?i)([?&](?:key|token|api_key|access_token)=)[^&\s\"']+", rf"\1{HIDDEN}"),
    )
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|[nrtbf]|(/))")

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Redactor:
    """Hides a set of known keys, and everything that looks like a key, in a text."""

    __slots__ = ("_all_ends", "_ends", "_pieces")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._pieces: dict[int, set[str]] = {}
        self._all_ends: set[str] = set()
        self._ends: re.Pattern[str] | None = None
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: Secret) -> None:
        """Hide one more key from now on."""
        self._all_ends.update(self._learn(secret.reveal()))
        longest_first = "|".join(sorted(self._all_ends, key=lambda end: (-len(end), end)))
        if longest_first:
            self._ends = re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])")

    def __repr__(self) -> str:
        return "Redactor(***)"

    def redact(self, text: str) -> str:
        """The text with `***` in the place of every key and piece of a key."""
        text = self._hide_pieces(text)
        if self._ends is not None:
            text = self._ends.sub(HIDDEN, text)
        for pattern, replacement in _SHAPES:
            text = pattern.sub(replacement, text)
        return text

    def excerpt(self, text: str, *, length: int) -> str:
        """The beginning of a foreign text, on one line, for a person to read and to share.

        Control characters, marks that turn the writing direction, and mail addresses go as well;
        JSON's escapes are undone first, because a key can hide in them.
        """
        # Cut generously first, so that a huge text costs little, and cut again when it is clean:
        # a key that is cut in two must have been hidden before.
        beginning = _ESCAPE.sub(_unescaped, text[: 4 * length + 2048])
        readable = "".join(c if c.isprintable() else " " for c in beginning)
        clean = " ".join(_EMAIL.sub("(mail address)", self.redact(readable)).split())
        return clean if len(clean) <= length else clean[: length - 1].rstrip() + "…"

    def _learn(self, key: str) -> list[str]:
        """Take in every form of a key; gives its ends, as patterns of whole words."""
        match = _PUBLIC_PREFIX.match(key)
        public = len(match.group()) if match else 0
        if len(key) - public < _WINDOW:
            public = 0
        self._add(key, window=_WINDOW, skip=public)
        raw = key.encode()
        self._add(raw.hex(), window=2 * _WINDOW, skip=2 * public)
        for shift in range(3):
            # The same bytes look different at each of the three places in a base64 group; the
            # letters that the neighbours share are cut off.
            for encoded in (base64.b64encode, base64.urlsafe_b64encode):
                text = encoded(b"\0" * shift + raw).decode().rstrip("=")
                self._add(text[(0, 2, 3)[shift] : -1], window=11)
        for dressed in (quote(key, safe=""), json.dumps(key)[1:-1]):
            if dressed != key:
                self._add(dressed, window=_WINDOW, skip=public)
        tails = [key[-size:] for size in range(4, _WINDOW) if not key[-size:].isdigit()]
        heads = [key[:size] for size in range(max(4, public + 2), _WINDOW)]
        return [re.escape(end) for end in (*tails, *heads)]

    def _add(self, form: str, *, window: int, skip: int = 0) -> None:
        form = form.translate(_LOWER)
        window = min(window, len(form))
        pieces = self._pieces.setdefault(window, set())
        first = max(0, skip - window + 1)
        pieces.update(form[i : i + window] for i in range(first, len(form) - window + 1))

    def _hide_pieces(self, text: str) -> str:
        lowered = text.translate(_LOWER)
        spans: list[tuple[int, int]] = []
        for window, pieces in self._pieces.items():
            spans += [
                (i, i + window)
                for i in range(len(lowered) - window + 1)
                if lowered[i : i + window] in pieces
            ]
        if not spans:
            return text
        shown: list[str] = []
        reached = 0
        for start, end in sorted(spans):
            if start > reached or not shown:
                shown += [text[reached:start], HIDDEN]
            reached = max(reached, end)
        return "".join([*shown, text[reached:]])


def _unescaped(escape: re.Match[str]) -> str:
    code, slash = escape.groups()
    return chr(int(code, 16)) if code else slash or " "
