"""The demo's server: real HTTP on loopback, every account, closed without a trace."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from demo_askers import NOW

from plimsoll.demo.server import DemoAccount, DemoWorld


def connect(account: DemoAccount) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(account.base_url).netloc, timeout=20)


def ask(
    connection: http.client.HTTPConnection, account: DemoAccount, path: str
) -> http.client.HTTPResponse:
    address = urlsplit(account.base_url).path + path
    if account.provider == "volcengine":
        identity = account.key.partition(":")[0]
        signed = {
            "Authorization": f"HMAC-SHA256 Credential={identity}/20261123/cn-beijing/billing",
            "X-Content-Sha256": hashlib.sha256(b"{}").hexdigest(),
        }
        connection.request("POST", address, b"{}", signed)
        return connection.getresponse()
    headers = (
        {"x-api-key": account.key, "anthropic-version": "2023-06-01"}
        if account.provider == "anthropic"
        else {"Authorization": f"Bearer {account.key}"}
    )
    connection.request("GET", address, headers=headers)
    return connection.getresponse()


CHEAP = {
    "openai": "/organization/projects",
    "anthropic": "/v1/organizations/me",
    "openrouter": "/key",
    "deepseek": "/user/balance",
    "moonshot": "/users/me/balance",
    "siliconflow": "/user/info",
    "volcengine": "/billing/?Action=QueryBalanceAcct&Version=2022-01-01",
    "github": "/user",
}


def test_every_account_answers_on_loopback_over_one_kept_connection() -> None:
    with DemoWorld(seed=7, now=NOW) as world:
        openai, anthropic, *_, lab = world.accounts
        assert (lab.provider, lab.id, lab.name) == ("openai", "lab", "Harbour Lab OpenAI")
        assert lab.key != openai.key
        assert (openai.provider, openai.name) == ("openai", "Northwind OpenAI")
        assert (anthropic.provider, anthropic.name) == ("anthropic", "Northwind Anthropic")
        assert openai.key.startswith("sk-admin-")
        assert anthropic.key.startswith("sk-ant-admin01-")
        for account in world.accounts:
            assert urlsplit(account.base_url).hostname == "127.0.0.1"
            connection = connect(account)
            for _ in range(3):
                response = ask(connection, account, CHEAP[account.provider])
                assert response.status == 200
                assert response.getheader("Content-Type") == "application/json"
                json.load(response)
                kept = connection.sock
                assert kept is not None
            connection.close()
        assert world.requests_answered == 3 * len(world.accounts)


def test_the_same_seed_gives_the_same_keys_and_bytes_and_another_seed_others() -> None:
    def seen(seed: int) -> tuple[str, bytes]:
        with DemoWorld(seed=seed, now=NOW) as world:
            account = world.accounts[0]
            connection = connect(account)
            path = "/organization/usage/completions?start_time=1791331200&limit=3&group_by=model"
            with ask(connection, account, path) as response:
                body = response.read()
            connection.close()
            return account.key, body

    assert seen(7) == seen(7)
    key, body = seen(8)
    assert key != seen(7)[0]
    assert body != seen(7)[1]


def test_the_keys_of_one_account_open_nothing_at_the_other() -> None:
    with DemoWorld(seed=7, now=NOW) as world:
        openai, anthropic, *_ = world.accounts
        mixed = DemoAccount("openai", "mixed", openai.base_url, anthropic.key)
        connection = connect(openai)
        with ask(connection, mixed, CHEAP["openai"]) as response:
            assert response.status == 401
            assert anthropic.key.encode() not in response.read()
        connection.close()


def test_the_present_can_go_on_while_it_serves() -> None:
    clock = [datetime(2026, 11, 23, 9, tzinfo=UTC)]
    day = clock[0].date()
    with DemoWorld(seed=7, now=lambda: clock[0]) as world:
        before = world.truth.tokens(None, day, day)[()].total
        clock[0] = clock[0].replace(hour=15)
        assert world.truth.tokens(None, day, day)[()].total > before


def test_closing_frees_the_port_and_ends_its_threads_even_with_open_connections() -> None:
    before = threading.active_count()
    with DemoWorld(seed=7, now=NOW) as world:
        account = world.accounts[0]
        connection = connect(account)
        ask(connection, account, CHEAP["openai"]).read()
    assert threading.active_count() == before
    connection.close()
    world.close()
    address = urlsplit(account.base_url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), 2)


def test_it_can_ask_for_patience_when_told_to() -> None:
    with DemoWorld(seed=7, now=NOW, throttle=2, retry_after=0) as world:
        account = world.accounts[0]
        connection = connect(account)
        statuses = []
        for _ in range(4):
            with ask(connection, account, CHEAP["openai"]) as response:
                statuses.append((response.status, response.getheader("Retry-After")))
                response.read()
        connection.close()
    assert statuses == [(200, None), (429, "0"), (200, None), (429, "0")]


def test_an_address_of_no_provider_is_404() -> None:
    with DemoWorld(seed=7, now=NOW) as world:
        connection = connect(world.accounts[0])
        connection.request("GET", "/elsewhere")
        response = connection.getresponse()
        assert response.status == 404
        response.read()
        connection.close()


def test_a_question_with_a_body_is_for_those_who_know_it() -> None:
    with DemoWorld(seed=7, now=NOW) as world:
        connection = connect(world.accounts[0])
        for path, status in (("/openai/v1/x", 405), ("/volcengine/", 401), ("/user", 404)):
            connection.request("POST", path, b'{"a": 1}')
            response = connection.getresponse()
            assert response.status == status
            response.read()
        connection.request("GET", "/volcengine/")
        assert connection.getresponse().status == 405
        connection.close()
