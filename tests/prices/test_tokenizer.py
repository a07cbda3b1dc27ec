"""The tokenizer: the very ranks that tiktoken pins, counted in pieces as if in one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.prices import tokenizer
from plimsoll.prices.tokenizer import (
    CHUNK,
    DamagedRanks,
    RunTooLong,
    Tokenizer,
    count_of,
    loaded,
    pieces,
    tokenizer_of,
)

PINNED = {  # as tiktoken_ext/openai_public.py of tiktoken 0.14 has them
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}

CORPUS = (
    "The quick brown fox can't jump; I'd say: no! It's 12,345.67.\n\n\tdef f(x):\n  return x\n",
    "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。2026年11月，词元已成为商品。",
    "いろはにほへと ちりぬるを。カタカナも、漢字も。",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка №5.",
    "نص عربي مع أرقام ١٢٣ وعلامات، ثم سطر آخر.\nשלום עולם! ניקוד: שָׁלוֹם",
    "हिन्दी में लिखा हुआ पाठ। ภาษาไทยไม่มีช่องว่าง 한국어 문장입니다.",
    "Ünïcödé ﬁ ligature, e\u0301 combining, 👩‍👩‍👧‍👦 family, 🇩🇪 flag, x² ½ Ⅷ",
    "<|endoftext|><|im_start|>user<|im_end|> is plain text here",
    " " * 200 + "\r\n\r\n" + "^" * 300 + "_snake_case_ camelCaseHTTPServer O’Neil L'été 'tis",
)

SCRIPTS = st.text(
    st.one_of(
        st.sampled_from(" \n\r\t'’.,;:/-_()0123456789"),
        st.characters(codec="utf-8"),
        st.sampled_from("abcXYZéñßжЖאبक世界かカ한ไ\u0301\u0306½²Ⅷ"),
        st.sampled_from("\x0b\x1c\x85\xa0\u3000\u2028\ufeff\u200d\U00031350\U0001e4f0\ud801\udc00"),
    ),
    max_size=120,
)


@pytest.mark.parametrize("name", PINNED)
def test_the_ranks_are_those_that_tiktoken_pins(name: str) -> None:
    assert tokenizer._hash(tokenizer._ranks(name)) == PINNED[name]


def test_damaged_ranks_are_not_counted_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "_ranks", lambda _name: {b"a": 0})
    tokenizer._loaded.cache_clear()
    try:
        with pytest.raises(DamagedRanks, match="damaged"):
            loaded("o200k_base")
    finally:
        tokenizer._loaded.cache_clear()


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "o200k_harmony"])
def test_nothing_is_fetched(name: str) -> None:
    assert loaded(name).name == name  # the tests reach nothing beyond this machine


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
@pytest.mark.parametrize("size", [1, 3, 17, CHUNK])
def test_pieces_of_every_script_come_to_the_whole(name: str, size: int) -> None:
    encode = loaded(name).encode_ordinary
    for text in (*CORPUS, "".join(CORPUS)):
        found = list(pieces(text, size=size))
        assert "".join(found) == text
        assert [token for piece in found for token in encode(piece)] == encode(text)


@given(SCRIPTS, st.integers(1, 40))
def test_any_text_in_pieces_comes_to_the_whole(text: str, size: int) -> None:
    for name in PINNED:
        encode = loaded(name).encode_ordinary
        assert [t for piece in pieces(text, size=size) for t in encode(piece)] == encode(text)


LONG = {
    "prose": "A sentence of some words, and another one.\n",
    "Chinese": "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。",
    "figures": "1234567.89,\r\n-0.5;1200\n",
    "emoji": "👩‍👩‍👧‍👦 🎉🔥 ",
    "indented": "}\n\n\t  if (!!x) {\n    y[0] += '\\n';\n",
    "blank lines": " \n\t\n  \r\n.",
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_a_long_text_of_any_kind_is_counted_in_pieces_that_let_others_run(
    name: str, kind: str
) -> None:
    text = LONG[kind] * (4 * CHUNK // len(LONG[kind]))
    found = list(pieces(text))
    assert max(map(len, found)) <= CHUNK
    assert len(found) <= len(text) // CHUNK + 2
    assert sum(count_of(piece, name) for piece in found) == len(loaded(name).encode_ordinary(text))


@pytest.mark.parametrize("run", ["^", "a", "世", "\u0301", "\n", " "])
def test_a_long_run_without_any_cut_stays_whole(run: str) -> None:
    text = run * 100_000
    assert list(pieces(text, size=10)) == [text]
    assert count_of(text, "o200k_base") == len(loaded("o200k_base").encode_ordinary(text))


@pytest.mark.parametrize("unknown", ["\U00031350", "\U0001e4f0", "\ud801\udc00"])
def test_what_this_python_does_not_know_may_go_on_with_a_word_or_a_number(unknown: str) -> None:
    """A letter of Unicode 15, a digit of it, and a letter in two halves, as JSON may hold it."""
    for text in (f"abc{unknown}def", f"12{unknown}34 {unknown}."):
        for name in PINNED:
            encode = loaded(name).encode_ordinary
            assert sum(len(encode(piece)) for piece in pieces(text, size=1)) == len(encode(text))


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"])
def test_more_blanks_in_a_row_than_tiktoken_survives_are_refused_in_a_sentence(blank: str) -> None:
    for text in (blank * 1_000_000, "x" + blank * 950_000 + "y"):
        with pytest.raises(RunTooLong, match="more than 900,000 characters in a row"):
            [count_of(piece, "o200k_base") for piece in pieces(text)]


def test_a_run_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(RunTooLong, match="more than 5,000,000 characters in a row"):
        list(pieces("^" * 6_000_000))


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-5.4-mini", "o200k_base"),
        ("openai/gpt-4.1", "o200k_base"),
        ("o3", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("gpt-oss-120b", "o200k_harmony"),
        ("gpt-35-turbo-16k", "cl100k_base"),
        ("ft:gpt-3.5-turbo-0125:team::id", "cl100k_base"),
        ("ft:gpt-4o-mini-2024-07-18:team::id", "o200k_base"),
        ("ft:gpt-4.1-nano-2025-04-14:team:mine:id", "o200k_base"),
        ("ft:o4-mini-2025-04-16:team::id", "o200k_base"),
    ],
)
def test_openais_models_are_exact(model: str, encoding: str) -> None:
    assert tokenizer_of(model) == Tokenizer(encoding, exact=True)


OTHERS = [
    *("claude-opus-5-5", "anthropic/claude-sonnet-5", "deepseek-v4", "qwen3.5-plus"),
    *("gemini-3.5-pro", "davinci", "gpt-6.1-sol", "nobody", "mistral/gpt-4o", ""),
]


@pytest.mark.parametrize("model", OTHERS)
def test_all_others_are_a_range_and_say_so(model: str) -> None:
    found = tokenizer_of(model)
    assert not found.exact
    low, high = found.between(1001)
    assert low <= 1001 <= high
    assert low < high


def test_the_hash_is_of_the_file_as_it_was() -> None:
    assert tokenizer._hash({b"!": 0, b"\xff": 1}) == hashlib.sha256(b"IQ== 0\n/w== 1\n").hexdigest()
