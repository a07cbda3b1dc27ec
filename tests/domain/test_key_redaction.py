"""No form of a known key, and nothing that looks like a key, is left in a redacted text."""

from __future__ import annotations

import json
import string
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plimsoll.domain.redaction import Redactor
from plimsoll.domain.secret import Secret

KEY_TEXTS = st.text(st.sampled_from([chr(n) for n in range(0x21, 0x7F)]), min_size=16, max_size=60)
WRAPPINGS = {
    "plain": lambda key: key,
    "upper": str.upper,
    "quoted": lambda key: quote(key, safe=""),
    "json": lambda key: json.dumps(key)[1:-1],
    "hex": lambda key: key.encode().hex(),
    "base64": lambda key: b64encode(key.encode()).decode(),
    "base64 url": lambda key: urlsafe_b64encode(key.encode()).decode(),
    "base64 of a pair": lambda key: b64encode(f":{key}".encode()).decode()[2:-4],
    "base64 inside": lambda key: b64encode(f"ab{key}c".encode()).decode()[4:-4],
    "beginning": lambda key: key[:8],
    "middle": lambda key: key[4:14],
    "end": lambda key: key[-12:],
}


@settings(max_examples=60)
@given(KEY_TEXTS, st.sampled_from(sorted(WRAPPINGS)), st.text(max_size=20), st.text(max_size=20))
def test_a_known_key_is_hidden_in_every_dress(
    key: str, dress: str, before: str, after: str
) -> None:
    # What begins like a maker's key is cut by another rule, what begins with { is a document.
    assume(not key.startswith(("sk-", "AIza", "{")))
    shown = WRAPPINGS[dress](key)
    redacted = Redactor([Secret(key)]).redact(f"{before}{shown}{after}")
    assert shown not in redacted


@settings(max_examples=60)
@given(st.text(string.ascii_letters + string.digits, min_size=24, max_size=40), st.integers(4, 7))
def test_the_ends_of_a_key_are_hidden_where_they_stand_alone(body: str, size: int) -> None:
    key = f"sk-admin-{body}"
    assume(not key[-size:].isdigit())
    redacted = Redactor([Secret(key)]).redact(
        f"the key that ends in '{key[-size:]}', see …{key[-size:]}"
    )
    assert key[-size:] not in redacted


def test_words_around_a_key_stay() -> None:
    redactor = Redactor([Secret("sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3")])
    text = "An Admin key starts with sk-admin- and is made in the console (2026-11-23)."
    assert redactor.redact(text) == text
    assert redactor.redact("a sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3 b") == "a *** b"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("key sk-ant-admin01-" + "a1B2" * 10, "a1B2"),
        ("key sk-ant-api03-" + "a1B2" * 10, "a1B2"),
        ("sk-proj-" + "a1B2" * 10, "a1B2"),
        ("sk-svcacct-" + "a1B2" * 10, "a1B2"),
        ("sk-or-v1-" + "0af1" * 16, "0af1"),
        ("sk-" + "a1B2" * 8, "a1B2"),
        ("AIza" + "a1B2c" * 7, "a1B2"),
        ("ghp_" + "a1B2" * 9, "a1B2"),
        ("you sent sk-admin-Ab12****************wxyz", "wxyz"),
        ("you sent abcd••••••••wxyz", "abcd"),
        ("Authorization: Bearer some.token-here", "some.token"),
        ("authorization=some.token-here", "some.token"),
        ("{'x-api-key': 'short'}", "short"),
        ('{"x-goog-api-key": "short"}', "short"),
        ("[(b'x-api-key', b'short')]", "short"),
        ("Cookie: session=abc", "abc"),
        ("GET https://a.example/?key=short&x=1", "short"),
        ("GET https://a.example/?x=1&access_token=short", "short"),
        ("Basic dXNlcjpwYXNz", "dXNl"),
    ],
)
def test_what_looks_like_a_key_is_hidden_even_if_unknown(text: str, hidden: str) -> None:
    redacted = Redactor().redact(text)
    assert hidden not in redacted
    assert "***" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "OpenAI did not answer within the 30 s.",
        "https://api.openai.com/v1/organization/costs?start_time=1&limit=7",
        "risk-assessment-of-the-whole-quarter",
        "gpt-5.1-codex-mini, claude-opus-4-6-20260101",
        "Traceback (most recent call last):",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Redactor().redact(text) == text


def test_an_excerpt_hides_before_it_cuts() -> None:
    key = "sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3"
    redactor = Redactor([Secret(key)])
    for shift in range(190, 210):
        excerpt = redactor.excerpt("x " * (shift // 2) + key, length=200)
        assert len(excerpt) <= 200
        assert "Q7v" not in excerpt


def test_an_excerpt_sees_through_jsons_escapes() -> None:
    key = "sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3"
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    assert Redactor([Secret(key)]).excerpt(escaped, length=500) == "***"


def test_a_redactor_does_not_show_what_it_knows() -> None:
    assert "Q7vX" not in repr(Redactor([Secret("sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3")]))
