"""Try the OpenAI connector against Prism, an independent mock server. Opt-in: needs node and npm.

    python benchmarks/prism_check.py

Prism (npm: @stoplight/prism-cli) refuses every request that the contract does not allow. It serves
the contract twice: once its examples, with buckets as wide as the connector asks for, which must be
read whole; once random answers (`-d`), of which nothing may be stored that does not hold together.
Last tried with Prism 5.14.2 on 2026-11-23: all eleven endpoints, the names and the test read whole;
of 220 random answers none ended in anything but whole days or a `SurprisingAnswer`. (The document's
own examples give day-wide buckets and a page after the last one, which Prism repeats for ever:
without the fitting the connector refuses them, as it should.)
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.secret import Secret
from plimsoll.sources.base import Account, provider
from plimsoll.sources.http import Door

CONTRACT = Path(__file__).parents[1] / "tests/sources/contracts/openai-usage-openapi.yaml"
DAYS = Period(date(2026, 11, 1), date(2026, 11, 2))
HOURLY = ("completions", "embeddings", "moderations")
RANDOM_ROUNDS = 20
STARTING = 120


class Clock:
    """The real stopwatch, with a wall clock shortly after the examples."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def fitted() -> str:
    """The contract with examples as the server of one page of hours would send them."""
    document = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    for path, item in document["paths"].items():
        content = item["get"]["responses"]["200"]["content"]["application/json"]
        if "examples" not in content:
            content["examples"] = {"empty": {"value": listed(path)}}
            continue
        (example,) = content["examples"].values()
        example["value"] |= {"has_more": False, "next_page": None}
        for bucket in example["value"]["data"] if path.endswith(HOURLY) else ():
            bucket["end_time"] = bucket["start_time"] + 3600
    return yaml.safe_dump(document)


def listed(path: str) -> dict[str, object]:
    """A list with one project in it, or an empty one."""
    project = {"id": "proj_1", "object": "organization.project", "created_at": 1, "name": "Web"}
    data = [project] if path == "/organization/projects" else []
    return {"object": "list", "data": data, "has_more": False, "first_id": None, "last_id": None}


@contextmanager
def prism(contract: Path, *options: str) -> Iterator[str]:
    """Prism serving a contract on loopback: its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["npx", "--yes", "@stoplight/prism-cli", "mock", *options]
    server = subprocess.Popen(
        [*command, "-h", "127.0.0.1", "-p", str(port), str(contract)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline and server.poll() is None:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def account_at(address: str) -> Iterator[Account]:
    connector = provider("openai")
    with Door(
        base_url=address,
        key=Secret("sk-admin-madeUpForPrism0123456789"),
        key_header=connector.key_header,
        headers=connector.headers,
        title=connector.title,
        clock=Clock(),
    ) as door:
        yield connector.open(door, {})


def read_examples(account: Account) -> None:
    for finding in account.test():
        print(f"  test: {finding.what} {finding.ok}")
    for endpoint in account.endpoints:
        days = list(account.pull(endpoint.name, DAYS))
        found = sum(len(day.records) + len(day.charges) for day in days)
        print(f"  {endpoint.name}: {len(days)} days, {found} rows")
        assert len(days) == len(DAYS)
        assert found
    print(f"  names: {[name.name for name in account.names()]}")


def read_random(account: Account) -> None:
    ends: Counter[str] = Counter()
    for _ in range(RANDOM_ROUNDS):
        for endpoint in account.endpoints:
            came = []
            try:
                came.extend(account.pull(endpoint.name, DAYS))
                ends["whole days"] += 1
                assert len(came) == len(DAYS)
            except SurprisingAnswer as error:
                assert came == []
                ends[re.sub(r"data\[.*?\.(?=\w+ )", "", error.sentence)] += 1
    for sentence, times in ends.most_common():
        print(f"  {times:4} {sentence}")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder) / "fitted.yaml"
        contract.write_text(fitted(), encoding="utf-8")
        print("Examples:")
        with prism(contract) as address, account_at(address) as account:
            read_examples(account)
    print("Random answers:")
    with prism(CONTRACT, "-d") as address, account_at(address) as account:
        read_random(account)
    return 0


if __name__ == "__main__":
    sys.exit(main())
