"""Estimate before you spend: what is text is counted, what is not is said, and history is used."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.domain.errors import Cancelled
from plimsoll.domain.money import Money
from plimsoll.domain.question import Row, Table
from plimsoll.domain.usage import Tokens
from plimsoll.prices.book import PriceBook
from plimsoll.prices.tokenizer import loaded
from plimsoll.services import chat
from plimsoll.services import given as given_texts
from plimsoll.services.estimate import (
    Expected,
    count,
    expected_of,
    history,
    models_in_use,
    offers_of,
)
from plimsoll.services.given import Given, NotCounted, of_text, read_all, read_given
from plimsoll.services.price_list import known_prices

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


def heard(_share: float) -> None:
    pass


def tokens_of(given: Given, encoding: str = "o200k_base") -> int:
    return count(given, [encoding], progress=heard, cancelled=lambda: False)[encoding]


def plain(text: str) -> int:
    return len(loaded("o200k_base").encode_ordinary(text))


def table(*rows: tuple[str | None, int | None, int]) -> Table:
    found = [
        Row((model,), Tokens(input=10 * output, output=output), requests=requests)
        for model, requests, output in rows
    ]
    question = history(NOW)
    return Table(question, tuple(found), Row(()))


# --- what is given ---


def test_a_text_is_counted_as_the_tokenizer_counts_it(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfHello, \xe4\xb8\x96\xe7\x95\x8c!\r\n")
    given = read_given(file)
    assert (given.title, given.texts) == ("a.txt", ("Hello, 世界!\r\n",))
    assert tokens_of(given) == plain("Hello, 世界!\r\n")
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        file.write_bytes("Hello, 世界".encode(encoding))
        assert read_given(file).texts == ("Hello, 世界",)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfe\x00", b"abc\xff"])
def test_a_binary_file_gets_one_clear_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(data)
    with pytest.raises(NotCounted, match=r"a\.bin is not text in UTF-8 or UTF-16, so its tokens"):
        read_given(file)


def test_a_gigabyte_gets_one_clear_sentence_and_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as sparse:
        sparse.truncate(10**9)
    with pytest.raises(NotCounted, match=r"huge\.txt has 1,000 MB, and more than 200 MB"):
        read_given(file)


def test_what_is_not_there_gets_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotCounted, match="cannot be read"):
        read_given(tmp_path / "nothing.txt")
    with pytest.raises(NotCounted, match="no text in the folder"):
        read_given(tmp_path)


def test_a_folder_is_its_text_files_without_hidden_ones_and_links(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "b" / "c.md").write_text("two")
    (tmp_path / "b" / "d.png").write_bytes(b"\x89PNG\0")
    (tmp_path / ".git" / "e").write_text("hidden")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.py")
    given = read_given(tmp_path)
    assert (given.texts, given.files, given.skipped) == (("one", "two"), 2, 1)
    assert tokens_of(given) == plain("one") + plain("two")


def test_a_folder_that_is_a_dot_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("one")
    monkeypatch.chdir(tmp_path / "notes")
    assert read_given(Path()).title == "notes"


def test_several_files_are_one_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("a.txt", "one"), ("b.txt", "three")):
        (tmp_path / name).write_text(text)
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    given = read_all(paths)
    assert (given.title, given.texts, given.files) == ("a.txt, b.txt", ("one", "three"), 2)
    assert read_all(paths[:1]) == read_given(paths[0])
    monkeypatch.setattr(given_texts, "MOST_BYTES", 7)
    with pytest.raises(NotCounted, match="The 2 files hold more than"):
        read_all(paths)
    (tmp_path / "c.bin").write_bytes(b"\0")
    with pytest.raises(NotCounted, match=r"c\.bin is not text"):
        read_all([*paths, tmp_path / "c.bin"])


def test_a_folder_with_a_part_that_cannot_be_read_is_not_counted_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "locked").mkdir()

    def scandir(path: str, usual: object = os.scandir) -> object:
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return usual(path)  # type: ignore[operator]

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(NotCounted, match="locked cannot be read: Permission denied"):
        read_given(tmp_path)


def test_what_is_no_text_does_not_make_a_folder_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_texts, "MOST_BYTES", 100)
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\0" + bytes(200))
    assert (read_given(tmp_path).texts, read_given(tmp_path).skipped) == (("one",), 1)
    (tmp_path / "c.txt").write_text("x" * 98)
    with pytest.raises(NotCounted, match="or 0 MB of text"):
        read_given(tmp_path)


def test_a_folder_can_be_left_half_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    with pytest.raises(Cancelled):
        read_all([tmp_path], cancelled=lambda: True)


def test_a_folder_that_is_too_large_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("text")
    monkeypatch.setattr(given_texts, "MOST_FILES", 2)
    with pytest.raises(NotCounted, match="more than 2 files"):
        read_given(tmp_path)


def test_a_chat_is_counted_with_what_its_messages_add() -> None:
    parts = [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "x"}}]
    messages = [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "name": "ada", "content": parts},
    ]
    # OpenAI's cookbook: 3 for each message, 1 for each name, 3 for the answer
    expected = 3 + 3 + 1 + 3 + sum(map(plain, ("system", "Be terse.", "user", "Hi", "ada")))
    for told in (messages, {"model": "gpt-4o", "messages": messages}):
        given = of_text(json.dumps(told), title="chat")
        assert (given.messages, given.names) == (2, 1)
        assert tokens_of(given) == expected


def test_what_anthropics_chats_hold_is_counted() -> None:
    told = {
        "system": [{"type": "text", "text": "Be terse."}],
        "messages": [
            {"role": "user", "content": [{"type": "image", "source": {}}, "And this?"]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm."},
                    {"type": "tool_use", "id": "1", "name": "look", "input": {"at": "船"}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "1", "content": "A ship."}],
            },
        ],
        "tools": [{"name": "look", "input_schema": {"type": "object"}}],
    }
    given = of_text(json.dumps(told), title="chat")
    assert given.texts == (
        "Be terse.",
        *("user", "And this?"),
        *("assistant", "Hm.", '["look",{"at":"船"}]'),
        *("user", "A ship."),
        '{"name":"look","input_schema":{"type":"object"}}',
    )
    assert (given.messages, given.tools, given.left_out, given.is_whole) == (4, 2, 1, False)


def test_what_openais_chats_hold_is_counted() -> None:
    called = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"at":1}'}}
    messages = {
        "messages": [
            {"role": "developer", "content": "Be terse."},
            {"role": "assistant", "content": None, "tool_calls": [called]},
            {"role": "tool", "tool_call_id": "1", "content": "A ship."},
        ]
    }
    given = of_text(json.dumps(messages), title="chat")
    assert given.texts == (
        *("developer", "Be terse."),
        *("assistant", '{"name":"look","arguments":"{\\"at\\":1}"}'),
        *("tool", "A ship."),
    )
    responses = {
        "instructions": "Be terse.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "A ship."},
        ],
    }
    given = of_text(json.dumps(responses), title="chat")
    assert given.texts == ("Be terse.", "user", "Hi", '["look","{}"]', "A ship.")
    assert (given.messages, given.tools) == (4, 1)


def test_a_batch_is_a_request_on_each_line() -> None:
    message = {"role": "user", "content": "hello"}
    openai = {"custom_id": "1", "url": "/v1/chat/completions", "body": {"messages": [message]}}
    anthropic = {"custom_id": "2", "params": {"system": "Be terse.", "messages": [message]}}
    lines = "\n".join(map(json.dumps, (openai, anthropic, [message]))) + "\n\n"
    given = of_text(lines, title="batch.jsonl")
    assert (given.requests, given.messages) == (3, 4)
    # Three for each message, and for each answer; "user" and "hello" are a token each.
    assert tokens_of(given) == 4 * 3 + 3 * 3 + 3 * 2 + plain("Be terse.")
    torn = json.dumps([{"role": "user", "content": "two\u2028lines"}], ensure_ascii=False)
    assert of_text(f"{torn}\r\n{torn}", title="x").requests == 2
    other = of_text(lines + "no chat", title="x")
    assert (other.requests, other.messages, other.texts) == (1, 0, (lines + "no chat",))


def test_each_request_of_a_batch_has_its_own_length_and_its_own_answer() -> None:
    prices = known_prices("gpt-5.4", own=(), snapshot=None, now=NOW)

    def worth(requests: int) -> tuple[Money | None, Money | None]:
        (offer,) = offers_of(
            "gpt-5.4",
            prices,
            PriceBook(),
            low=10**6,
            high=10**6,
            expected=Expected(1000, 100, None),
            now=NOW,
            requests=requests,
        )
        return offer.input_low, offer.total_low

    # $2.50 and $15 for a million; twice and one and a half times that for a prompt above 272,000.
    assert worth(1) == (Money("USD", 5 * 10**9), Money("USD", 5_022_500_000))
    assert worth(100) == (Money("USD", 2_500_000_000), Money("USD", 4 * 10**9))


def test_a_chat_that_is_too_deep_or_too_long_is_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = '[{"role": "user", "content": ' + "[" * 900 + "]" * 900 + "}]"
    assert of_text(deep, title="x").texts[-1] in {deep, "user"}
    assert of_text("[" * 10**6, title="x").texts == ("[" * 10**6,)
    monkeypatch.setattr(chat, "MOST_CHARACTERS", 10)
    assert of_text('[{"role": "user"}]', title="x").messages == 0


@pytest.mark.parametrize("text", ["[1, 2]", "{}", '{"messages": []}', '[{"role": 1}]', "{no json"])
def test_json_that_is_no_chat_is_a_text(text: str) -> None:
    given = of_text(text, title="x")
    assert (given.texts, given.messages) == ((text,), 0)


# --- counting ---


def test_several_encodings_are_counted_in_one_go_and_the_progress_ends_at_one() -> None:
    shares: list[float] = []
    given = Given("x", ("word " * 60_000, "more"))
    names = ["o200k_base", "cl100k_base"]
    counts = count(given, names, progress=shares.append, cancelled=lambda: False)
    assert set(counts) == set(names)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 10


def test_a_count_can_be_stopped() -> None:
    given = Given("x", ("word " * 60_000,))
    with pytest.raises(Cancelled):
        count(given, ["o200k_base"], progress=heard, cancelled=lambda: True)


def test_nothing_is_counted_as_nothing() -> None:
    assert tokens_of(Given("x", ("",))) == 0


# --- the answer to expect, and the price ---


def test_the_answer_to_expect_is_the_models_own_mean_or_that_of_all() -> None:
    found = table(("a", 100, 50_000), ("b", 5, 100), (None, None, 10**9))
    assert expected_of("a", found) == Expected(500, 100, "a")
    assert expected_of("b", found) == Expected(round(50_100 / 105), 105, None)
    assert expected_of("a", table(("a", None, 500))) is None


def test_embeddings_do_not_shorten_the_answers_of_others() -> None:
    found = table(("a", 100, 50_000), ("embeddings", 900, 0))
    assert expected_of("new", found) == Expected(500, 100, None)
    assert expected_of("embeddings", found) == Expected(0, 900, "embeddings")


def test_the_models_in_use_are_the_most_used_first() -> None:
    found = table(("a", 1, 10), ("b", 1, 30), (None, 1, 90), ("c", 1, 0))
    assert models_in_use(found, 5) == ("b", "a")
    assert models_in_use(found, 1) == ("b",)


def test_a_price_is_that_of_the_book_for_input_and_answer() -> None:
    prices = known_prices("gpt-4o", own=(), snapshot=None, now=NOW)
    (offer,) = [
        o
        for o in offers_of(
            "gpt-4o",
            prices,
            PriceBook(),
            low=1_000_000,
            high=2_000_000,
            expected=Expected(1000, 100, None),
            now=NOW,
        )
        if o.provider == "openai"
    ]
    assert (offer.input_low, offer.input_high) == (
        Money("USD", 2_500_000_000),
        Money("USD", 5 * 10**9),
    )
    assert (offer.total_low, offer.total_high) == (
        Money("USD", 2_510_000_000),
        Money("USD", 5_010_000_000),
    )


def test_two_lists_are_two_offers_and_no_list_is_none() -> None:
    prices = known_prices("deepseek-v4-pro", own=(), snapshot=None, now=NOW)
    found = offers_of(
        "deepseek-v4-pro", prices, PriceBook(), low=10**6, high=10**6, expected=None, now=NOW
    )
    own = {offer.currency: offer for offer in found if offer.provider == "deepseek"}
    assert set(own) == {"CNY", "USD"}
    assert all(offer.total_low is None for offer in own.values())
    assert offers_of("nobody", (), PriceBook(), low=1, high=1, expected=None, now=NOW) == ()
