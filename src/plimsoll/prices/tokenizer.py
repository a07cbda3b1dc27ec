"""The tokenizer: how many tokens a text is, exactly for OpenAI's models, as a range for others.

The ranks of OpenAI's encodings come with the program (`resources/ranks`, lists of tokens in the
order of their ranks, compressed): nothing is fetched. Each is checked against the hash that the
package tiktoken itself pins for it before it is used. Patterns and special tokens are tiktoken's.

For all other models the text is counted by `o200k_base`, and a range says how much fewer or more
their own tokenizers make of English, Chinese and code. It was measured in November 2026 with the
tokenizers of DeepSeek V4, Qwen 2.5 and 3.6 and Mistral's Tekken as they were published, and with a
reconstruction of Claude's that is held to Anthropic's own counts (the package ctok 1.3). Beyond it
lie other languages (Hindi 3.2 times as many at Qwen 2.5, German twice as many at Claude 4.8 and
later, Thai half as many at Qwen 3.6) and tables of figures, where Qwen and Mistral take every digit
for a token (up to 1.9 times as many).
"""

from __future__ import annotations

import base64
import hashlib
import lzma
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from plimsoll.domain.errors import KnownError
from plimsoll.domain.said import say
from plimsoll.shipped import resource

if TYPE_CHECKING:
    from tiktoken import Encoding

USUAL = "o200k_base"
"""The encoding by which models without a public tokenizer are approximated."""

CHUNK = 50_000
"""Characters that are encoded in one go: some milliseconds in which no other thread runs."""

MOST_IN_A_ROW, MOST_BLANKS = 5_000_000, 900_000
"""The longest run without a place to cut that is counted, and the longest of blanks in one line.
tiktoken encodes such a run in one go, which takes seconds and hundreds of bytes for each character;
of a million blanks its regular expressions run out of room, and it breaks.
"""

_RANKS_OF = {"o200k_harmony": "o200k_base"}

_FEWER, _MORE = 70, 135
"""Percent of `o200k_base`'s count that other makers' tokenizers come to, at the least and most:
measured were 72 (Qwen 3.6, Chinese prose) to 133 (Mistral, a licence in English).
"""

_RANGES = {
    "anthropic": (100, 170),
    "claude": (100, 170),
    "deepseek": (70, 120),
    "qwen": (70, 130),
    "gpt-": (90, 110),
}
"""Makers of whose tokenizers more is known, by a word in a model's name. Measured were 103 to 143
percent at Claude up to Opus 4.6 and 131 to 169 since Opus 4.7; 74 to 115 at DeepSeek V4; 72 to 124
at Qwen 2.5 and 3.6. OpenAI's encoding has been the same for two years, also for models that
tiktoken does not name yet.
"""

_APOSTROPHES = frozenset("'’")
_LINE_ENDS = frozenset("\r\n")
_BLANKS = frozenset(" \t")
_UNSURE = frozenset({"Cn", "Cs"})
_TOO_MANY_BLANKS = re.compile(rf"[^\S\r\n]{{{MOST_BLANKS}}}")
_TUNED = "ft:"
"""Begins the names of tuned models, `ft:gpt-4.1-mini:team::id`: they keep the tokenizer of the
model after it, of which tiktoken knows less than of the model itself.
"""

_lock = threading.Lock()


class DamagedRanks(KnownError):
    """A file of ranks is not what it was when the program was made."""

    title = say("Tokenizer damaged")


class RunTooLong(KnownError):
    """A text has a run that a tokenizer would have to take in one go, and cannot."""

    title = say("Not counted")

    def __init__(self, most: int) -> None:
        super().__init__(
            say(
                "The text holds more than {most} characters in a row without the end of a word or "
                "a line, which a tokenizer cannot take in one go.",
                most=f"{most:,}",
            ),
            remedy=say("Nothing was counted; give the text without that run."),
        )


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
    if bare.startswith(_TUNED):
        bare = bare.split(":")[1]
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


def count_of(piece: str, encoding: str) -> int:
    """The tokens of one of `pieces`; those of all of them are what the whole text comes to.

    Marks such as `<|endoftext|>` in it count as the plain text that they are. Raises
    `DamagedRanks`, or `RunTooLong` for what no tokenizer is made for.
    """
    if len(piece) > MOST_BLANKS and _TOO_MANY_BLANKS.search(piece):
        raise RunTooLong(MOST_BLANKS)
    return len(loaded(encoding).encode_ordinary(piece))


def pieces(text: str, *, size: int = CHUNK) -> Iterator[str]:
    """A text in pieces that no token spans, `size` characters or the fewest that allow a cut.

    Raises `RunTooLong` where no cut comes for very long.
    """
    start = 0
    while len(text) - start > size:
        cut = _last_cut(text, start, start + size) or _next_cut(text, start + size)
        if cut - start > MOST_IN_A_ROW:
            raise RunTooLong(MOST_IN_A_ROW)
        yield text[start:cut]
        start = cut
    if start < len(text):
        yield text[start:]


def _last_cut(text: str, start: int, end: int) -> int | None:
    return next((i for i in range(end, start, -1) if _is_cut(text, i)), None)


def _next_cut(text: str, begin: int) -> int:
    end = min(len(text), begin + MOST_IN_A_ROW)
    return next((i for i in range(begin, end) if _is_cut(text, i)), end)


def _is_cut(text: str, i: int) -> bool:
    """Whether the patterns of every encoding let a token end here, whatever stands around it.

    They do after the last line end before something that is no blank (but `/`, which punctuation
    takes along with its line ends); before a blank that follows none; after digits; and after
    letters, unless a mark or an apostrophe follows, as in `don't`. A character that this Python
    does not know yet may be a letter or a digit to tiktoken.
    """
    before, after = text[i - 1], text[i]
    if before in _LINE_ENDS:
        return not after.isspace() and after != "/"
    if after in _BLANKS:
        return not before.isspace()
    kind, following = unicodedata.category(before)[0], unicodedata.category(after)
    if following in _UNSURE:
        return False
    if kind == "N":
        return following[0] != "N"
    return kind == "L" and following[0] not in {"L", "M"} and after not in _APOSTROPHES


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
                say("The file of {name} that came with Plimsoll is damaged.", name=name),
                remedy=say("Install Plimsoll anew; nothing was counted."),
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
