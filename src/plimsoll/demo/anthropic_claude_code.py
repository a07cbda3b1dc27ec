"""The simulated Anthropic's Claude Code report: what each engineer's agent did on one day.

Tokens and estimated costs are those of the story, actor by actor; commits, pull requests and lines
follow its calls. Shapes follow Anthropic's Claude Code Analytics API.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import groupby

from plimsoll.demo import company
from plimsoll.demo.anthropic_words import cents
from plimsoll.demo.asking import Asked, RefusedError, open_cursor, read_question, seal_cursor
from plimsoll.demo.bills import anthropic_lines, sum_cells
from plimsoll.demo.company import Key
from plimsoll.demo.story import Story, hours_over
from plimsoll.demo.workloads import Series

_CALLS_A_SESSION = 60
_CALLS_A_COMMIT = 34
_COMMITS_A_PULL_REQUEST = 4
_LINES_A_COMMIT = 58


class ClaudeCode:
    """The report of one organisation; every actor is an API key, paid by use."""

    def __init__(self, story: Story, *, now: Callable[[], datetime]) -> None:
        self._story = story
        self._now = now

    def answer(self, path: str, query: str) -> bytes:
        """One page of one day, up to the last full hour."""
        asked = read_question(
            path, query, single={"starting_at", "limit", "page"}, arrays=(), brackets_only=True
        )
        limit = asked.number("limit", least=1, most=1000, default=20)
        day = _day(asked)
        (first,) = open_cursor(asked, 1) or (0,)
        rows = self._rows(day)
        more = first + limit < len(rows)
        page = {
            "data": rows[first : first + limit],
            "has_more": more,
            "next_page": seal_cursor(asked, first + limit) if more else None,
        }
        return json.dumps(page).encode()

    def _rows(self, day: date) -> list[dict[str, object]]:
        """A row for each key of the agents' workspace that was used on a day."""
        told = self._story.day("anthropic", day)
        counted = sum_cells(told.hours("messages")[: hours_over(day, self._now())])
        series = self._story.series["anthropic"]
        mine = sorted((series[number].key or "", number) for number in counted)
        names = {key.id: key for key in company.AGENT_KEYS}
        return [
            self._row(names[key], day, [(series[number], counted[number]) for _, number in numbers])
            for key, numbers in groupby(mine, key=lambda pair: pair[0])
            if key in names
        ]

    def _row(
        self, key: Key, day: date, used: Sequence[tuple[Series, tuple[int, ...]]]
    ) -> dict[str, object]:
        story_day = self._story.story_day(day)
        calls = sum(counts[0] for _, counts in used)
        dice = random.Random(f"plimsoll/{self._story.seed}/{key.name}/{story_day}")  # noqa: S311 - a story, no secret
        commits = int(calls * (0.85 + 0.3 * dice.random()) / _CALLS_A_COMMIT)
        added = int(commits * (0.7 + 0.6 * dice.random()) * _LINES_A_COMMIT)
        return {
            "date": f"{day.isoformat()}T00:00:00Z",
            "actor": {"type": "api_actor", "api_key_name": key.name},
            "organization_id": company.ANTHROPIC_ORGANIZATION,
            "customer_type": "api",
            "subscription_type": None,
            "terminal_type": "vscode",
            "core_metrics": {
                "num_sessions": -(-calls // _CALLS_A_SESSION),
                "lines_of_code": {"added": added, "removed": added // 3},
                "commits_by_claude_code": commits,
                "pull_requests_by_claude_code": (commits + 2) // _COMMITS_A_PULL_REQUEST,
            },
            "tool_actions": _tool_actions(calls),
            "model_breakdown": [_model(series, counts, story_day) for series, counts in used],
        }


def _day(asked: Asked) -> date:
    text = asked.one("starting_at")
    if text is None:
        raise RefusedError(400, "starting_at: Field required", param="starting_at")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(
            400, "starting_at: Input should be a date, YYYY-MM-DD", param="starting_at"
        ) from None


def _tool_actions(calls: int) -> dict[str, object]:
    shares = {"edit_tool": 6, "multi_edit_tool": 40, "write_tool": 25, "notebook_edit_tool": 400}
    return {
        tool: {"accepted": calls // share, "rejected": calls // share // 9}
        for tool, share in shares.items()
    }


def _model(series: Series, counts: tuple[int, ...], story_day: date) -> dict[str, object]:
    _calls, fresh, cached, write_5m, write_1h, output, _searches = counts
    nanos = sum(line.nanos for line in anthropic_lines(series, story_day, counts))
    return {
        "model": series.model,
        "tokens": {
            "input": fresh,
            "output": output,
            "cache_read": cached,
            "cache_creation": write_5m + write_1h,
        },
        # a number, as the report writes it: below sixteen digits JSON keeps each of them
        "estimated_cost": {"currency": "USD", "amount": float(cents(nanos))},
    }
