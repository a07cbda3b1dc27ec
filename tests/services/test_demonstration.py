"""What the connectors bring into the archive is, to the nano-unit, what the simulators know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from plimsoll.demo.server import DemoWorld
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Question
from plimsoll.services import demonstration
from plimsoll.services.program import Program

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


class StandingClock:
    """The wall stands; waiting costs nothing."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Nobody waits here."""


@dataclass(frozen=True)
class Pulled:
    """A demo that was pulled whole, and the world that it was pulled from."""

    program: Program
    world: DemoWorld
    failures: tuple[str, ...]


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulled]:
    worlds: list[DemoWorld] = []

    class WatchedWorld(DemoWorld):
        def __enter__(self) -> DemoWorld:
            worlds.append(self)
            return super().__enter__()

    patch = pytest.MonkeyPatch()
    patch.setattr(demonstration, "DemoWorld", WatchedWorld)
    folder = tmp_path_factory.mktemp("demo") / "made"
    with demonstration.demonstration(
        folder, clock=StandingClock(), progress=lambda _progress: None, seed=11
    ) as (program, outcome):
        yield Pulled(program, worlds[0], tuple(s.failure for s in outcome.failed))
    patch.undo()


YEAR = Period(date(2025, 10, 1), date(2026, 11, 23))


def test_every_source_came_whole(pulled: Pulled) -> None:
    assert pulled.failures == ()
    table = pulled.program.spend(Question(YEAR))
    assert [gap for gap in table.gaps if gap.period.last >= pulled.world.truth.first_day] == []


@pytest.mark.parametrize(
    "by", [("provider",), ("provider", "day"), ("provider", "month"), ("provider", "model")]
)
def test_billed_equals_the_truth_to_the_nano_unit(pulled: Pulled, by: tuple[str, ...]) -> None:
    question = Question(YEAR, by=tuple(Dimension(word) for word in by))
    table = pulled.program.spend(question)
    ours = {row.key: sum(a.billed for a in row.amounts) for row in table.rows if row.amounts}
    theirs = pulled.world.truth.billed(None, YEAR.first, YEAR.last, by)
    plain = {tuple(None if v is None else str(v) for v in key): n for key, n in theirs.items()}
    assert {k: n for k, n in ours.items() if n} == {k: n for k, n in plain.items() if n}


@pytest.mark.parametrize("by", [("provider", "day"), ("provider", "model"), ("provider", "hour")])
def test_tokens_equal_the_truth(pulled: Pulled, by: tuple[str, ...]) -> None:
    question = Question(YEAR, by=tuple(Dimension(word) for word in by))
    ours = {row.key: row.tokens for row in pulled.program.spend(question).rows if row.tokens.total}
    theirs = pulled.world.truth.tokens(None, YEAR.first, YEAR.last, by)
    plain = {
        tuple(
            value.isoformat().replace("+00:00", "Z")
            if isinstance(value, datetime)
            else None
            if value is None
            else str(value)
            for value in key
        ): tokens
        for key, tokens in theirs.items()
        if tokens.total
    }
    assert ours == plain


def test_a_demo_never_takes_the_place_of_real_figures(tmp_path: Path) -> None:
    (tmp_path / "plimsoll.db").write_text("somebody's figures")
    with (
        pytest.raises(WrongUse, match="not a demo"),
        demonstration.demonstration(
            tmp_path, clock=StandingClock(), progress=lambda _progress: None
        ),
    ):
        pass
    assert (tmp_path / "plimsoll.db").read_text() == "somebody's figures"
