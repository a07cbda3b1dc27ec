"""A ledger in a folder of its own, and a source in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_kit import FakeClock

from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: FakeClock) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path / "data", clock=clock, who="test")
    yield opened
    opened.close()


@pytest.fixture
def source(ledger: Ledger) -> Source:
    return catalog.add_source(ledger, name="acme", connector="openai")
