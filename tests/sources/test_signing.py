"""Signing: a request gets exactly the signature that the provider's own examples have."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from plimsoll.domain.secret import Secret
from plimsoll.sources.base import KeyHeader
from plimsoll.sources.signing.acs3 import SignatureAcs3
from plimsoll.sources.signing.basic import Basic
from plimsoll.sources.signing.bce import SignatureBce
from plimsoll.sources.signing.signer import Unsigned
from plimsoll.sources.signing.sigv4 import AWS, VOLCENGINE, Scope, SignatureV4
from plimsoll.sources.signing.tc3 import SignatureTc3

SECRET = Secret("AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
THEN = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SUITE = SignatureV4({"": Scope("service", "us-east-1")})


def request(**more: object) -> Unsigned:
    usual = {"method": "GET", "place": "", "host": "example.amazonaws.com", "path": "/"}
    return Unsigned(**(usual | more))  # type: ignore[arg-type]


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


@pytest.mark.parametrize(
    ("name", "asked", "signed", "signature"),
    [
        (
            "get-vanilla",
            request(),
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "get-vanilla-query-order-key-case",
            request(params=(("Param2", "value2"), ("Param1", "value1"))),
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "post-vanilla",
            request(method="POST"),
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "post-x-www-form-urlencoded",
            request(method="POST", headers=FORM, body=b"Param1=value1"),
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_the_suite_that_aws_publishes_is_met(
    name: str, asked: Unsigned, signed: str, signature: str
) -> None:
    added = dict(SUITE.sign(asked, SECRET, THEN).headers)
    assert added["X-Amz-Date"] == "20150830T123600Z"
    assert added["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}"
    )


def test_the_example_of_the_iam_guide_is_met() -> None:
    asked = request(
        host="iam.amazonaws.com",
        params=(("Action", "ListUsers"), ("Version", "2010-05-08")),
        headers=(("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),),
    )
    signer = SignatureV4({"": Scope("iam", "us-east-1")})
    (_, proof) = signer.sign(asked, SECRET, THEN).headers[-1]
    assert proof.endswith("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")


def test_a_key_that_was_lent_brings_its_token_which_is_signed_too() -> None:
    lent = Secret("AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY:AQoDYXdzEPT//////////wE=")
    added = dict(SUITE.sign(request(), lent, THEN).headers)
    assert added["X-Amz-Security-Token"] == "AQoDYXdzEPT//////////wE="
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in added["Authorization"]


def test_volcengine_differs_by_its_words_and_signs_the_bodys_hash() -> None:
    signer = SignatureV4({"": Scope("ark", "cn-beijing")}, VOLCENGINE)
    asked = request(method="POST", host="open.volcengineapi.com", headers=(("Content-Type", "x"),))
    added = dict(signer.sign(asked, SECRET, THEN).headers)
    assert re.fullmatch(
        "HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/cn-beijing/ark/request, "
        "SignedHeaders=content-type;host;x-content-sha256;x-date, Signature=[0-9a-f]{64}",
        added["Authorization"],
    )
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (added["X-Date"], added["X-Content-Sha256"]) == ("20150830T123600Z", empty)


@pytest.mark.parametrize(
    "other",
    [
        request(method="POST"),
        request(host="elsewhere.amazonaws.com"),
        request(path="/other"),
        request(params=(("a", "b"),)),
        request(body=b"{}"),
        request(headers=(("X-Amz-Target", "Service.Action"),)),
    ],
)
@pytest.mark.parametrize("dialect", [AWS, VOLCENGINE], ids=["aws", "volcengine"])
def test_whatever_is_changed_changes_the_signature(other: Unsigned, dialect: object) -> None:
    signer = SignatureV4({"": Scope("service", "us-east-1")}, dialect)  # type: ignore[arg-type]
    plain = signer.sign(request(), SECRET, THEN).headers[-1][1].rpartition("=")[2]
    assert signer.sign(other, SECRET, THEN).headers[-1][1].rpartition("=")[2] != plain


def test_a_signature_is_good_for_one_place_only() -> None:
    with pytest.raises(KeyError):
        SUITE.sign(request(place="elsewhere"), SECRET, THEN)


def test_basic_is_user_and_password_or_a_user_alone() -> None:
    # The example of RFC 7617, section 2.
    (header,) = Basic().sign(request(), Secret("Aladdin:open-sesame"), THEN).headers
    assert header == ("Authorization", "Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ==")
    (header,) = Basic().sign(request(), Secret("key_0123456"), THEN).headers
    assert header == ("Authorization", "Basic a2V5XzAxMjM0NTY6")


@pytest.mark.parametrize("signer", [SUITE, Basic(), KeyHeader("x-api-key")])
def test_a_signer_owns_every_header_that_it_sets_and_shows_nothing(signer: object) -> None:
    proof = signer.sign(request(), SECRET, THEN)  # type: ignore[attr-defined]
    assert {name.lower() for name, _ in proof.headers} <= signer.own_headers  # type: ignore[attr-defined]
    assert "EXAMPLE" not in repr(proof)


def test_tencents_signature_equals_its_own_example() -> None:
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    kind = (("Content-Type", "application/json; charset=utf-8"),)
    request = Unsigned("POST", "", "cvm.tencentcloudapi.com", "/", (), kind, body)
    key = Secret("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE:Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    at = datetime.fromtimestamp(1551113065, UTC)
    signed = dict(SignatureTc3({"": "cvm"}).sign(request, key, at).headers)
    assert signed["X-TC-Timestamp"] == "1551113065"
    assert signed["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request"
        ", SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_the_example_that_alibaba_cloud_publishes_is_met() -> None:
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    asked = Unsigned(
        "POST",
        "",
        "ecs.cn-shanghai.aliyuncs.com",
        "/",
        params=(("RegionId", "cn-shanghai"), ("ImageId", image)),
        headers=(("x-acs-action", "RunInstances"), ("x-acs-version", "2014-05-26")),
    )
    at = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    signer = SignatureAcs3(nonce=lambda: "3156853299f313e23d1673dc12e1703d")
    signed = dict(signer.sign(asked, Secret("YourAccessKeyId:YourAccessKeySecret"), at).headers)
    assert signed["x-acs-date"] == "2023-10-26T10:22:32Z"
    assert signed["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_alibaba_cloud_gets_a_new_word_with_each_request_and_the_content_type_is_signed() -> None:
    asked = request(method="POST", headers=FORM)
    first, second = (dict(SignatureAcs3().sign(asked, SECRET, THEN).headers) for _ in range(2))
    assert first["x-acs-signature-nonce"] != second["x-acs-signature-nonce"]
    assert "SignedHeaders=content-type;host;" in first["Authorization"]


def test_the_sample_request_that_baidu_publishes_is_met() -> None:
    asked = Unsigned(
        "PUT",
        "",
        "bj.bcebos.com",
        "/v1/test/myfolder/readme.txt",
        params=(("uploadId", "a44cc9bab11cbd156984767aad637851"), ("partNumber", "9")),
        headers=(("Content-Type", "text/plain"),),
        body=b"Example",
    )
    key, at = Secret(f"{'a' * 32}:{'b' * 32}"), datetime(2015, 4, 27, 8, 23, 49, tzinfo=UTC)
    signed = dict(SignatureBce().sign(asked, key, at).headers)
    assert signed["x-bce-date"] == "2015-04-27T08:23:49Z"
    assert signed["Authorization"] == (
        f"bce-auth-v1/{'a' * 32}/2015-04-27T08:23:49Z/1800/host;x-bce-date/"
        "1b8de5a23a56eef657c69f94c621e7acd227d049a4ba577f537d5e5cebf0cf32"
    )
