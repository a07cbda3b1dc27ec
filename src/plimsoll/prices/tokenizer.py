"""The tokenizer: how many tokens a text is, exactly for OpenAI's models, as a range for others.

The ranks of OpenAI's encodings come with the program (`resources/ranks`, lists of tokens in the
order of their ranks, compressed): nothing is fetched. Each is checked against the hash that the
package tiktoken itself pins for it before it is used. Patterns and special tokens are tiktoken's.

No maker but OpenAI has published a tokenizer that is in here. For the others the text is counted by
`o200k_base`, and the range says how much fewer or more their own tokenizers make of it: comparisons
that were published for prose, code and Chinese lie within it. It is wide on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import lzma
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from plimsoll.domain.errors import KnownError
from plimsoll.shipped import resource

if TYPE_CHECKING:
    from tiktoken import Encoding

USUAL = "o200k_base"
"""The encoding by which models without a public tokenizer are approximated."""

CHUNK = 50_000
"""Characters that are encoded in one go: some milliseconds in which no other thread runs."""

_RANKS_OF = {"o200k_harmony": "o200k_base"}

_FEWER, _MORE = 80, 135
"""Percent of `o200k_base`'s count that other makers' tokenizers come to, at the least and most."""

_RANGES = {"anthropic": (100, 140), "claude": (100, 140), "gpt-": (90, 110)}
"""Makers of whose tokenizers more is known: Anthropic's makes more of the same text; OpenAI's
encoding has been the same for two years, also for models that tiktoken does not name yet.
"""

_APOSTROPHES = frozenset("'’")
_lock = threading.Lock()


class DamagedRanks(KnownError):
    """A file of ranks is not what it was when the program was made."""

    title = "Tokenizer damaged"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """How a model's tokens are counted: by its own `encoding` where `exact`, else between `fewest`
    and `most` percent of what `encoding` counts.
    """

    encoding: str
    exact: bool
    fewest: int = 100
    most: int = 100

    def between(self, counted: int) -> tuple[int, int]:
        """The least and the most tokens that `counted` ones of the encoding stand for."""
        return counted * self.fewest // 100, -(-counted * self.most // 100)


def tokenizer_of(model: str) -> Tokenizer:
    """How the tokens of a model are counted, by its name, with or without its maker before it."""
    maker, _, bare = model.rpartition("/")
    if not maker or maker == "openai":
        name = _known_encoding(bare)
        if name is not None:
            return Tokenizer(name, exact=True)
    words = model.casefold()
    fewest, most = next((r for word, r in _RANGES.items() if word in words), (_FEWER, _MORE))
    return Tokenizer(USUAL, exact=False, fewest=fewest, most=most)


def _known_encoding(model: str) -> str | None:
    """The encoding that tiktoken names for a model of OpenAI, if it comes with the program."""
    from tiktoken.model import encoding_name_for_model

    try:
        name = encoding_name_for_model(model)
    except KeyError:
        return None
    return name if name in _SHIPPED else None


_SHIPPED = ("o200k_base", "cl100k_base", "o200k_harmony")


def counted(text: str, encoding: str) -> Iterator[int]:
    """The tokens of a text, chunk by chunk; their sum is what the whole text comes to.

    Marks such as `<|endoftext|>` in it count as the plain text that they are. Raises
    `DamagedRanks`.
    """
    encode = loaded(encoding).encode_ordinary
    for piece in pieces(text):
        yield len(encode(piece))


def pieces(text: str, *, size: int = CHUNK) -> Iterator[str]:
    """A text in pieces that no token spans, `size` characters or the fewest that allow a cut.

    Tokens never span the end of a run of letters: every pattern of these encodings lets such a run
    end there, whatever follows, but for an apostrophe (`don't`).
    """
    start = 0
    while len(text) - start > size:
        cut = _last_cut(text, start, start + size) or _next_cut(text, start + size)
        yield text[start:cut]
        start = cut
    if start < len(text):
        yield text[start:]


def _last_cut(text: str, start: int, end: int) -> int | None:
    return next((i for i in range(end, start, -1) if _is_cut(text, i)), None)


def _next_cut(text: str, begin: int) -> int:
    return next((i for i in range(begin, len(text)) if _is_cut(text, i)), len(text))


def _is_cut(text: str, i: int) -> bool:
    before, after = text[i - 1], text[i]
    if not before.isalpha() or after.isalpha() or after in _APOSTROPHES:
        return False
    return unicodedata.category(after)[0] not in {"M", "L"}


def loaded(name: str) -> Encoding:
    """An encoding, from the ranks that come with the program. Raises `DamagedRanks`."""
    with _lock:
        return _loaded(name)


@cache
def _loaded(name: str) -> Encoding:
    import tiktoken_ext.openai_public as public  # type: ignore[import-untyped] # it has no types
    from tiktoken import Encoding

    told: list[str] = []

    def ours(_address: str, expected_hash: str | None = None) -> dict[bytes, int]:
        ranks = _ranks(_RANKS_OF.get(name, name))
        told.append(_hash(ranks))
        if told[-1] != expected_hash:
            raise DamagedRanks(
                f"The file of {name} that came with Plimsoll is damaged.",
                remedy="Install Plimsoll anew; nothing was counted.",
            )
        return ranks

    # Its constructor has the pattern, the special tokens and the pinned hash; only where the ranks
    # come from is replaced, for as long as it runs.
    usual = public.load_tiktoken_bpe
    public.load_tiktoken_bpe = ours
    try:
        return Encoding(**public.ENCODING_CONSTRUCTORS[name]())
    finally:
        public.load_tiktoken_bpe = usual


def _ranks(name: str) -> dict[bytes, int]:
    """Tokens by their ranks, which are their places in the file: each is preceded by its length in
    one byte, or by 255 and its length in two.
    """
    packed = lzma.decompress(resource(f"ranks/{name}.ranks.xz").read_bytes())
    ranks: dict[bytes, int] = {}
    place, end = 0, len(packed)
    while place < end:
        size = packed[place]
        place += 1
        if size == 255:
            size = int.from_bytes(packed[place : place + 2], "big")
            place += 2
        ranks[packed[place : place + size]] = len(ranks)
        place += size
    return ranks


def _hash(ranks: dict[bytes, int]) -> str:
    """The hash of the file that tiktoken would have fetched, which is rebuilt bit for bit."""
    lines = (base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks.items())
    return hashlib.sha256(b"".join(lines)).hexdigest()
