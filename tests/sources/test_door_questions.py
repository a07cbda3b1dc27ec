"""The door's longer questions: with a body, of several hosts, with a signature or a token."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

import pytest
from door_kit import KEY, FakeClock, assert_shows_no_key, open_door
from fault_server import FaultServer, answer, raw, response

from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongUse,
)
from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.basic import Basic
from plimsoll.sources.signing.signer import Signature, Unsigned
from plimsoll.sources.signing.sigv4 import Scope, SignatureV4
from plimsoll.sources.verdicts import Verdicts

VERDICTS = Verdicts(
    code=("base", "code"),
    message=("base", "msg"),
    fine=frozenset({"0"}),
    stands_for={"1004": 401, "Denied": 403, "Busy": 429, "Broken": 500},
)


def lines_of(request: bytes) -> list[str]:
    return request.partition(b"\r\n\r\n")[0].decode().split("\r\n")


# --- a body ---


def test_a_question_with_a_body_is_a_post_of_json(clock: FakeClock) -> None:
    with FaultServer(answer(body={"rows": []})) as server, open_door(server, clock) as door:
        got = door.query("/usage", {"from": "2026-11-01", "n": [1]}, [("page", "2")])
    assert got == {"rows": []}
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b'{"from":"2026-11-01","n":[1]}'
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/usage?page=2 HTTP/1.1"
    assert f"Content-Length: {len(body)}" in lines
    assert "Content-Type: application/json" in lines
    assert f"Authorization: Bearer {KEY}" in lines


def test_a_question_can_have_an_empty_body_and_a_kind_of_its_own(clock: FakeClock) -> None:
    kind = {"content-type": "application/json; charset=utf-8"}
    with FaultServer(answer()) as server, open_door(server, clock) as door:
        door.query("/", headers=kind)
    lines = lines_of(server.requests[0])
    assert lines[0] == "POST /v1/ HTTP/1.1"
    assert "Content-Length: 0" in lines
    assert [line for line in lines if "ontent-" in line and "Length" not in line] == [
        "content-type: application/json; charset=utf-8"
    ]


def test_a_question_is_asked_again_as_a_get_is(clock: FakeClock) -> None:
    scripts = (
        raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
        answer(503),
        answer(429),
        answer(body={"a": 1}),
    )
    with FaultServer(*scripts) as server, open_door(server, clock) as door:
        assert door.query("/usage", {"x": 1}) == {"a": 1}
    assert len(server.requests) == 4
    assert {request.partition(b"\r\n\r\n")[2] for request in server.requests} == {b'{"x":1}'}


def test_no_redirect_takes_the_body_along(clock: FakeClock) -> None:
    with FaultServer(answer(), host="127.0.0.2") as elsewhere:
        moved = answer(307, headers=[("Location", f"{elsewhere.url}/usage")])
        with (
            FaultServer(moved) as server,
            open_door(server, clock) as door,
            pytest.raises(UnexpectedRedirect),
        ):
            door.query("/usage", {"x": 1})
    assert elsewhere.connections == 0


# --- several hosts ---


def test_each_word_leads_to_its_own_host_and_no_other_word_leads_anywhere(
    clock: FakeClock,
) -> None:
    with FaultServer(answer(body={"host": 1})) as base, FaultServer(answer()) as bills:
        further = {"bills": f"{bills.url}/v2"}
        with open_door(base, clock, more=further) as door:
            assert door.get("/usage") == {"host": 1}
            assert door.query("/balance", at="bills") == {}
            with pytest.raises(KeyError):
                door.get("/usage", at="elsewhere")
    assert [lines_of(r)[0] for r in base.requests] == ["GET /v1/usage HTTP/1.1"]
    assert [lines_of(r)[0] for r in bills.requests] == ["POST /v2/balance HTTP/1.1"]
    assert f"Host: 127.0.0.1:{bills.port}" in lines_of(bills.requests[0])


def test_a_further_address_is_checked_as_the_first_is(clock: FakeClock) -> None:
    with pytest.raises(WrongUse):
        open_door("https://a.example", clock, more={"b": "http://b.example"})


def test_the_hosts_of_an_account_share_its_patience_and_its_rate_limit(clock: FakeClock) -> None:
    wait = answer(429, headers=[("Retry-After", "3600")])
    with (
        FaultServer(wait) as base,
        FaultServer(answer()) as bills,
        open_door(base, clock, more={"bills": bills.url}) as door,
    ):
        for at in ("", "bills"):
            with pytest.raises(RateLimited):
                door.get("/usage", at=at)
    assert bills.connections == 0


def test_a_host_that_fails_is_named_by_its_own_name(clock: FakeClock) -> None:
    with (
        FaultServer(answer()) as base,
        open_door(base, clock, more={"bills": "http://localhost:1"}) as door,
        pytest.raises(PlimsollError, match="localhost cannot be reached"),
    ):
        door.get("/x", at="bills")


# --- other ways to prove a key ---


def test_a_pair_goes_as_user_and_password(clock: FakeClock) -> None:
    with (
        FaultServer(answer()) as server,
        open_door(server, clock, key=Secret("pk-lf-1:sk-lf-2"), key_header=Basic()) as door,
    ):
        door.get("/projects")
    proof = b64encode(b"pk-lf-1:sk-lf-2").decode()
    assert f"Authorization: Basic {proof}" in lines_of(server.requests[0])


def test_a_signature_is_made_anew_for_each_try(clock: FakeClock) -> None:
    signer = SignatureV4({"": Scope("ce", "us-east-1")})
    key = Secret("AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    with (
        FaultServer(answer(503, headers=[("Retry-After", "20")]), answer()) as server,
        open_door(server, clock, key=key, key_header=signer) as door,
    ):
        door.query("/", {"Metrics": ["UnblendedCost"]})
    dates = [x for r in server.requests for x in lines_of(r) if x.startswith("X-Amz-Date")]
    assert dates[0] != dates[1]
    assert all(b"wJalrX" not in request for request in server.requests)


@dataclass(frozen=True)
class InTheQuery:
    own_headers = frozenset({"x-sign"})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        return Signature(params=(("Signature", f"of {request.path} & {len(request.params)}"),))


def test_a_signature_may_be_a_parameter(clock: FakeClock) -> None:
    with FaultServer(answer()) as server, open_door(server, clock, key_header=InTheQuery()) as door:
        door.get("/usage", [("a", "b")])
    assert lines_of(server.requests[0])[0] == (
        "GET /v1/usage?a=b&Signature=of%20%2Fv1%2Fusage%20%26%201 HTTP/1.1"
    )


# --- a key that is exchanged for a token ---


@dataclass(frozen=True)
class Login:
    place = "token"
    path = "/oauth/token"
    own_headers = frozenset({"authorization"})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        return Signature(body=f"grant_type=client&secret={secret.reveal()}".encode())


TOKEN = "ya29.Tq7pLmZ2xWv9RkYd4Hs8"


def test_the_key_goes_for_a_token_once_and_only_the_token_goes_on(clock: FakeClock) -> None:
    given = answer(body={"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
    with FaultServer(given) as login, FaultServer(answer()) as server:
        more = {"token": login.url}
        with open_door(server, clock, key_header=Login(), more=more) as door:
            door.get("/usage")
            door.query("/usage", {})
            clock.ahead += 3541
            door.get("/usage")
    assert len(login.requests) == 2
    assert lines_of(login.requests[0])[0] == "POST /oauth/token HTTP/1.1"
    assert "Content-Type: application/x-www-form-urlencoded" in lines_of(login.requests[0])
    assert login.requests[0].endswith(f"\r\n\r\ngrant_type=client&secret={KEY}".encode())
    assert all(KEY.encode() not in request for request in server.requests)
    assert all(f"Authorization: Bearer {TOKEN}" in lines_of(r) for r in server.requests)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": f"No {KEY}"}), KeyRejected),
        (answer(401, {"error": "invalid_client"}), KeyRejected),
        (answer(body={"token_type": "Bearer"}), SurprisingAnswer),
        (answer(body={"access_token": 5}), SurprisingAnswer),
        (answer(302, headers=[("Location", "https://evil.example")]), UnexpectedRedirect),
    ],
)
def test_without_a_token_nothing_is_asked(script: object, kind: type, clock: FakeClock) -> None:
    with FaultServer(script) as login, FaultServer(answer()) as server:  # type: ignore[arg-type]
        more = {"token": login.url}
        with (
            open_door(server, clock, key_header=Login(), more=more) as door,
            pytest.raises(kind) as caught,
        ):
            door.get("/usage")
    assert server.connections == 0
    assert_shows_no_key(caught.value)


def test_a_token_that_is_sent_back_is_hidden_too(clock: FakeClock) -> None:
    given = answer(body={"access_token": TOKEN})
    said = answer(403, {"error": {"message": f"Token {TOKEN} may not read this"}})
    with FaultServer(given) as login, FaultServer(said) as server:
        more = {"token": login.url}
        with (
            open_door(server, clock, key_header=Login(), more=more) as door,
            pytest.raises(MissingScope) as caught,
        ):
            door.get("/usage")
    assert TOKEN[5:] not in str(caught.value)


# --- refusals inside HTTP 200 ---


def told(code: object, message: object = "Said so.") -> bytes:
    return response(body={"base": {"code": code, "msg": message}})


@pytest.mark.parametrize("code", [0, "0"])
def test_a_fine_code_is_an_answer(code: object, clock: FakeClock) -> None:
    with FaultServer(raw(told(code))) as server, open_door(server, clock) as door:
        assert door.get("/x", verdicts=VERDICTS)["base"]


@pytest.mark.parametrize(
    ("code", "kind", "asked"),
    [
        (1004, KeyRejected, 1),
        ("1004", KeyRejected, 1),
        ("Denied", MissingScope, 1),
        ("Denied.ByPolicy", MissingScope, 1),
        ("com.amazonaws.ce#Denied", MissingScope, 1),
        ("Broken", ProviderDown, 3),
        (7, SurprisingAnswer, 1),
        (None, SurprisingAnswer, 1),
        ([], SurprisingAnswer, 1),
        (True, SurprisingAnswer, 1),
    ],
)
def test_an_error_code_inside_200_is_the_error_that_it_stands_for(
    code: object, kind: type[PlimsollError], asked: int, clock: FakeClock
) -> None:
    scripts = [raw(told(code, f"Sorry about {KEY}"))] * 3
    with (
        FaultServer(*scripts) as server,
        open_door(server, clock) as door,
        pytest.raises(kind, match="Sorry about") as caught,
    ):
        door.query("/x", {}, verdicts=VERDICTS)
    assert len(server.requests) == asked
    assert_shows_no_key(caught.value)


def test_a_body_without_the_code_is_no_answer(clock: FakeClock) -> None:
    with (
        FaultServer(answer(body={"error": "x"})) as server,
        open_door(server, clock) as door,
        pytest.raises(SurprisingAnswer, match="without a code"),
    ):
        door.get("/x", verdicts=VERDICTS)


def test_too_often_inside_200_waits_and_asks_again(clock: FakeClock) -> None:
    scripts = (raw(told("Busy")), raw(told(0)))
    with FaultServer(*scripts) as server, open_door(server, clock) as door:
        assert door.get("/x", verdicts=VERDICTS)["base"]
    assert len(server.requests) == 2


def test_the_word_of_a_400_says_more_than_its_status(clock: FakeClock) -> None:
    script = answer(400, {"base": {"code": "Denied", "msg": "No policy."}})
    with (
        FaultServer(script) as server,
        open_door(server, clock) as door,
        pytest.raises(MissingScope, match="No policy"),
    ):
        door.get("/x", verdicts=VERDICTS)


@pytest.mark.parametrize(
    "body",
    [
        {"ResponseMetadata": {"RequestId": "1", "Error": {"Code": "X", "Message": "In words."}}},
        {"Response": {"Error": {"Code": "X", "Message": "In words."}}},
        {"Message": "In words.", "__type": "X"},
        {"code": "X", "message": "In words."},
    ],
)
def test_clouds_words_are_found(body: dict[str, object], clock: FakeClock) -> None:
    with (
        FaultServer(answer(403, json.dumps(body))) as server,
        open_door(server, clock) as door,
        pytest.raises(MissingScope, match="In words"),
    ):
        door.get("/x")


def test_of_several_limits_the_longest_wait_holds(clock: FakeClock) -> None:
    limits = [
        ("x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after", "7"),
        ("Retry-After", "2"),
        ("x-ms-ratelimit-microsoft.costmanagement-entity-retry-after", "soon"),
    ]
    with (
        FaultServer(answer(429, headers=limits), answer()) as server,
        open_door(server, clock) as door,
    ):
        door.get("/x")
    assert 7 <= clock.slept < 8
