"""An alert leaves by one POST: whole, to one host, once, and its address stands in no sentence."""

from __future__ import annotations

import json
import traceback

import pytest
from door_kit import NOW, FakeClock
from fault_server import FaultServer, Script, answer, raw, reset_after, silence

from plimsoll.domain.errors import (
    Cancelled,
    NoAnswer,
    NotOffered,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongUse,
)
from plimsoll.sources.bots import BOTS
from plimsoll.sources.webhook import body_of, post, read_address, refused
from plimsoll.sources.wire import Reply

TOKEN = "T0AB12CD3/B9XY8ZW7/kQ3vN8rT2mLp6Hs4"
DOCUMENT = {"schema": 1, "id": "6f1c", "sentence": "Month: ¥80 spent, 80% of ¥100."}


def sent(*scripts: Script, query: str = "", patience: float = 10.0, stop: bool = False) -> bytes:
    """The one request that a server with these scripts gets."""
    with FaultServer(*scripts) as server:
        address = read_address(f"{server.url}/services/{TOKEN}{query}")
        try:
            post(address, DOCUMENT, clock=FakeClock(), cancelled=lambda: stop, patience=patience)
        finally:
            assert len(server.requests) <= 1, "one try, and no redirect"
        return server.requests[0]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_the_document_is_posted_as_json_with_the_query_kept(status: int) -> None:
    request = sent(answer(status, b""), query="?a=b%20c&d").decode()
    head, _, body = request.partition("\r\n\r\n")
    line, *headers = head.split("\r\n")
    assert line == f"POST /services/{TOKEN}?a=b%20c&d HTTP/1.1"
    names = {header.partition(":")[0].lower() for header in headers}
    assert names == {
        *("host", "user-agent", "accept", "accept-encoding"),
        *("content-type", "content-length"),
    }
    assert json.loads(body) == DOCUMENT


REDIRECT = answer(308, b"", headers=[("Location", "https://elsewhere.example/")])


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (answer(404, f"no_service for {TOKEN}", content_type="text/plain"), NotOffered, "404"),
        (answer(410, "<html>gone</html>"), NotOffered, "status 410"),
        (REDIRECT, UnexpectedRedirect, "elsewhere.example"),
        (answer(503, b""), ProviderDown, "server error 503"),
        (answer(429, b"", headers=[("Retry-After", "90")]), RateLimited, "12:01 UTC"),
        (reset_after(b""), NoAnswer, "No answer from"),
        (raw(b"SSH-2.0\r\n\r\n"), NoAnswer, "could be read"),
    ],
)
def test_a_refusal_is_a_sentence_without_the_address(
    script: Script, kind: type[PlimsollError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        sent(script)
    assert words in caught.value.sentence
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value)
    assert TOKEN not in shown
    assert TOKEN[-8:] not in shown
    assert caught.value.__context__ is None, "what was caught holds the request"


def test_a_server_that_says_nothing_is_given_up() -> None:
    with pytest.raises(NoAnswer, match=r"within 0.3 s"):
        sent(silence, patience=0.3)


def test_nothing_leaves_where_the_user_wants_to_stop() -> None:
    with FaultServer(answer(200)) as server:
        address = read_address(f"{server.url}/x")
        with pytest.raises(Cancelled):
            post(address, DOCUMENT, clock=FakeClock(), cancelled=lambda: True)
        assert server.requests == []


@pytest.mark.parametrize(
    "text",
    [
        "http://hooks.example.com/services/secret-part",
        "https://user:secret-part@hooks.example.com/",
        "https://hooks.example.com/x#secret-part",
        "https://hooks.example.com/x?secret part",
        "https://hooks.example.com/x?secret-part\\",
        "ftp://hooks.example.com/secret-part",
        "secret-part",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(WrongUse) as caught:
        read_address(text)
    assert "secret" not in str(caught.value)
    assert "base" not in str(caught.value)


def test_an_address_shows_its_host_alone() -> None:
    address = read_address(f"https://hooks.slack.com/services/{TOKEN}?key=secret-part")
    assert address.host == "hooks.slack.com"
    assert TOKEN not in repr(address)
    assert address.target == f"/services/{TOKEN}?key=secret-part"
    assert read_address("https://example.com").target == "/"
    assert read_address("https://example.com/a/?b").target == "/a/?b"


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("https://hooks.slack.com/services/T/B/x", {"text": "…"}),
        (
            "https://open.feishu.cn/open-apis/bot/v2/hook/x",
            {"msg_type": "text", "content": {"text": "…"}},
        ),
        (
            "https://open.larksuite.com/open-apis/bot/v2/hook/x",
            {"msg_type": "text", "content": {"text": "…"}},
        ),
        (
            "https://oapi.dingtalk.com/robot/send?access_token=x",
            {"msgtype": "text", "text": {"content": "…"}, "msgUuid": "6f1c"},
        ),
        (
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
            {"msgtype": "text", "text": {"content": "…"}},
        ),
        ("https://discord.com/api/webhooks/1/x", {"content": "…"}),
        ("https://hooks.slack.com/triggers/T/1/x", DOCUMENT),
        ("https://hooks.example.com/open-apis/bot/v2/hook/x", DOCUMENT),
    ],
)
def test_a_chat_service_gets_the_sentence_in_its_own_envelope(
    address: str, envelope: dict[str, object]
) -> None:
    body = body_of(DOCUMENT, read_address(address).bot).decode()
    told = f"Plimsoll: {DOCUMENT['sentence']}"
    assert json.loads(body) == json.loads(json.dumps(envelope).replace('"\\u2026"', f'"{told}"'))


@pytest.mark.parametrize("bot", [bot for bot in BOTS if bot.code], ids=lambda bot: bot.title)
def test_a_refusal_inside_status_200_is_a_refusal(bot: object) -> None:
    from plimsoll.sources.bots import Bot

    assert isinstance(bot, Bot)
    address = read_address(f"https://{bot.hosts[0]}{bot.path}v2/hook/{TOKEN}")

    def told(body: dict[str, object] | str) -> PlimsollError | None:
        text = body if isinstance(body, str) else json.dumps(body)
        return refused(Reply(200, {}, text.encode()), address, clock=FakeClock())

    assert told({bot.code: 0, bot.says: "ok"}) is None
    refusal = told({bot.code: 310000, bot.says: f"keywords not in content {TOKEN}"})
    assert isinstance(refusal, SurprisingAnswer)
    assert "310000: “keywords not in content" in refusal.sentence
    assert TOKEN[-8:] not in refusal.sentence
    assert isinstance(told("<html>log in</html>"), SurprisingAnswer)
    assert isinstance(told({"ok": True}), SurprisingAnswer)


def test_the_wait_that_is_asked_for_is_told() -> None:
    reply = Reply(429, {"retry-after": "120"}, b"slow down")
    failure = refused(reply, read_address("https://example.com/x"), clock=FakeClock())
    assert isinstance(failure, RateLimited)
    assert (failure.until - NOW).total_seconds() == 120
