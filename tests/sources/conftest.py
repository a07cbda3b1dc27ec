"""Fixtures of the network door's tests."""

from __future__ import annotations

import pytest
from door_kit import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def full_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jitter at its longest, so that waits can be told."""
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
