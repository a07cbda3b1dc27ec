"""A key is bound to a plainly written address: https, or this machine itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.errors import SurprisingAnswer, WrongUse
from plimsoll.sources.address import bind, host_named_in
from plimsoll.sources.http import check_base_url


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (" HTTPS://API.OpenAI.com:443/v1// ", "https://api.openai.com/v1"),
        ("https://api.anthropic.com/", "https://api.anthropic.com"),
        ("https://gateway.example:8443/a-b/c_d", "https://gateway.example:8443/a-b/c_d"),
        ("https://10.0.0.5/x", "https://10.0.0.5/x"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:4000", "http://localhost:4000"),
        ("http://127.0.0.1:80/v1", "http://127.0.0.1/v1"),
        ("http://127.9.8.7", "http://127.9.8.7"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_good_address_is_normalised_and_stays_so(url: str, normal: str) -> None:
    assert check_base_url(url) == normal
    assert check_base_url(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com",
        "ftp://api.openai.com",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "http://api.openai.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost.",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0",
        "http://127.1",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://user@api.openai.com",
        "https://user:pass@api.openai.com",
        "https://api.openai.com@evil.example",
        "https://@evil.example",
        "https://api.openai.com/v1?x=1",
        "https://api.openai.com/v1?",
        "https://api.openai.com/v1#",
        "https://api.openai.com./v1",
        "https://api.openai.com\\@evil.example",
        "https://api.openai.com/a\tb",
        "https://api.openai.com/a b",
        "https://api.openai.com/a//b",
        "https://api.openai.com/../b",
        "https://api.openai.com/%2e%2e/b",
        "https://api.openai.com:0",
        "https://api.openai.com:99999",
        "https://api.openai.com:x",
        "https://api.openai.com%00.evil.example",
        "https://аpi.openai.com",
        "https://api。openai。com",
        "https://[fe80::1%25eth0]",
        "https://[::1",
    ],
)
def test_a_doubtful_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(WrongUse) as caught:
        check_base_url(url)
    assert "evil" not in str(caught.value)


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_no_host_text_gets_past_the_binding(text: str) -> None:
    """Whatever stands in the host's place: refused, or exactly that host is bound."""
    try:
        binding = bind(f"https://{text}")
    except WrongUse:
        return
    written = text.strip().lower()
    assert written.startswith((binding.host, f"[{binding.host}]"))
    assert bind(binding.url) == binding


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_no_path_leads_out_of_the_base_path(path: str) -> None:
    try:
        target = bind("https://api.example/v1").target(path, [("page", "//x?y#z")])
    except SurprisingAnswer:
        return
    assert target == f"/v1{path}?page=%2F%2Fx%3Fy%23z"
    assert ".." not in target.split("/")


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://evil.example/path?key=1", "evil.example"),
        ("//evil.example", "evil.example"),
        ("/same", ""),
        ("", ""),
        ("https://[", ""),
        ("https://ev il/", ""),
        ("https://user:secret@evil.example/", "evil.example"),
    ],
)
def test_only_the_host_of_a_redirect_is_named(location: str, host: str) -> None:
    assert host_named_in(location) == host
