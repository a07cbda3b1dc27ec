"""Google: the bill net of credits, a question that cannot be bent, and a key that signs only."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fake_door import NOW, Call, FakeDoor
from recorded import private_key

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import NoAnswer, PageLoop, SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.google import CONNECTOR, Export
from plimsoll.sources.signing.google import ServiceAccount
from plimsoll.sources.signing.signer import Unsigned

DAY = date(2026, 11, 16)
SETTINGS = {"table": "acme-billing.billing.gcp_billing_export_v1_012345_6789AB_CDEF01"}
NAMES = ("day", "service", "sku", "project", "currency", "unit", "amount", "net")
ROW = ("2026-11-16", "Gemini API", "Input tokens", "acme-app", "EUR", "count", "1200", "0.15")


def page(*rows: tuple[Any, ...], more: str | None = None, done: bool = True) -> dict[str, Any]:
    return {
        "schema": {"fields": [{"name": name, "type": "STRING"} for name in NAMES]},
        "jobReference": {"projectId": "acme-billing", "jobId": "job_1"},
        "jobComplete": done,
        "pageToken": more,
        "rows": [{"f": [{"v": value} for value in row]} for row in rows],
    }


def export(*answers: dict[str, Any], **settings: str) -> tuple[Export, FakeDoor]:
    left = list(answers)

    def answer(_call: Call) -> dict[str, Any]:
        return left.pop(0) if len(left) > 1 else left[0]

    door = FakeDoor(answer)
    return CONNECTOR.open(door, {**SETTINGS, **settings}), door  # type: ignore[arg-type]


def pulled(*answers: dict[str, Any], period: Period | None = None) -> list[Slice]:
    return list(export(*answers)[0].pull("costs", period or Period(DAY, DAY)))


def test_money_is_exact_in_the_accounts_own_currency() -> None:
    (day,) = pulled(page(ROW, (*ROW[:-1], "-0.0000000015")))
    assert [charge.amount for charge in day.charges] == [
        Money("EUR", 150_000_000),
        Money("EUR", -2),
    ]
    assert day.charges[0].attribution.project == "acme-app"
    assert dict(day.charges[0].details)["quantity"] == "1200"


def test_the_question_takes_credits_off_and_reads_no_partition_before_its_days() -> None:
    account, door = export(page())
    list(account.pull("costs", Period(DAY, DAY)))
    body = door.calls[0].body or {}
    assert "UNNEST(credits)" in body["query"]
    assert "_PARTITIONTIME >= TIMESTAMP(@first)" in body["query"]
    given = {one["name"]: one["parameterValue"]["value"] for one in body["queryParameters"]}
    assert given == {"first": "2026-11-16", "after": "2026-11-17"}
    assert int(body["maximumBytesBilled"]) <= 10**10


def test_further_pages_are_of_the_same_job_and_need_not_name_the_columns() -> None:
    second = page(ROW)
    del second["schema"]
    account, door = export(page(ROW, more="a"), second, location="EU")
    (day,) = account.pull("costs", Period(DAY, DAY))
    assert len(day.charges) == 2
    assert door.calls[1].path == "/projects/acme-billing/queries/job_1"
    assert (door.calls[1]["pageToken"], door.calls[1]["location"]) == ("a", "EU")


def test_days_to_come_are_left_out_and_days_without_rows_are_there() -> None:
    days = pulled(page(ROW), period=Period(DAY, date(2027, 1, 1)))
    assert [day.day for day in days] == list(Period(DAY, NOW.date()).days())


def test_a_question_that_takes_too_long_stores_nothing() -> None:
    with pytest.raises(NoAnswer):
        pulled(page(done=False))


def test_pages_that_come_again_are_a_loop() -> None:
    with pytest.raises(PageLoop):
        pulled(page(more="again"))


@pytest.mark.parametrize(
    "row",
    [
        ROW[:-1],
        ("2026-11-15", *ROW[1:]),
        (None, *ROW[1:]),
        (*ROW[:-1], None),
        (*ROW[:-1], "NaN"),
        (*ROW[:4], "money", *ROW[5:]),
        (*ROW[:2], None, *ROW[3:]),
    ],
)
def test_a_row_that_cannot_be_right_stores_nothing(row: tuple[Any, ...]) -> None:
    with pytest.raises(SurprisingAnswer):
        pulled(page(row))


@pytest.mark.parametrize(
    "table", ["billing", "a.b.c` UNION SELECT 1 --", "acme-billing.x.y; DROP", "A.b.c"]
)
def test_a_table_that_is_none_never_gets_into_a_question(table: str) -> None:
    with pytest.raises(WrongUse):
        CONNECTOR.address({"table": table}, None)
    with pytest.raises(WrongUse):
        export(page(), table=table)


# --- the key ---


def key_file(**more: Any) -> Secret:
    told = {
        "type": "service_account",
        "client_email": "reader@acme.iam.gserviceaccount.com",
        "private_key_id": "k1",
        "private_key": private_key().replace("\\n", "\n"),
    }
    return Secret(json.dumps({**told, **more}))


def signed(secret: Secret) -> bytes:
    request = Unsigned("POST", "login", "oauth2.googleapis.com", "/token")
    return ServiceAccount("https://scope.example").sign(request, secret, NOW).body or b""


def opened(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_statement_is_signed_by_the_key_and_good_for_an_hour() -> None:
    form = parse_qs(signed(key_file()).decode())
    header, claims, proof = form["assertion"][0].split(".")
    told = json.loads(opened(claims))
    assert json.loads(opened(header)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert told["iss"] == "reader@acme.iam.gserviceaccount.com"
    assert told["exp"] - told["iat"] == 3600
    key = load_pem_private_key(private_key().replace("\\n", "\n").encode(), None).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(opened(proof), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "authorized_user"},
        {"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"},
        {"client_email": None},
    ],
)
def test_another_kind_of_file_is_refused_and_shows_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(WrongKeyKind) as caught:
        signed(key_file(**odd))
    assert "AAAA" not in f"{caught.value}{caught.value.remedy}"


def test_a_key_of_ai_studio_is_known_by_its_looks() -> None:
    with pytest.raises(WrongKeyKind, match="AI Studio"):
        CONNECTOR.key_shape.check(Secret("AIzaSyMadeUpForTests0123456789"))
