"""One developer's coding agents: logs as Claude Code and Codex write them, and the truth of them.

Mira works on weekdays. Each month her agents go on by themselves a little longer before they come
back to her, so that the own-loop share grows. The same seed and present give the same bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from plimsoll.demo.company import made_up_id
from plimsoll.domain.calendar import day_start, utc_day
from plimsoll.domain.calls import CallClass
from plimsoll.domain.tokens import Tokens

DAYS = 75
"""Days of logs that are still there; the agents deleted what was before."""

CLAUDE, CODEX = "claude-code", "codex"

_HOME = "/home/mira/northwind"
_WORK: tuple[tuple[str, str, str], ...] = (
    ("checkout", "main", "Round prices once, at the end"),
    ("checkout", "coupons", "Let coupons be combined"),
    ("checkout/.claude/worktrees/calm-otter", "refunds", "Refund a part of an order"),
    ("storefront", "main", "Load pictures only in sight"),
    ("storefront", "search", "Forgive typing mistakes in the search"),
    ("storefront/.worktrees/dark", "dark-theme", "A dark theme for the shop"),
    ("warehouse", "main", "Count stock without locking the shelf"),
    ("warehouse", "labels", "Print labels on two printers at once"),
    ("docs", "main", "Say how returns work"),
)
_OPUS, _HAIKU = "claude-opus-4-6", "claude-haiku-4-5-20251001"
_GPT = "gpt-5.4"

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Used:
    """One call, as it was and not as it was logged."""

    agent: str
    at: datetime
    model: str
    tokens: Tokens
    answered: CallClass
    session: str
    folder: str


class AgentLogs:
    """The logs of both agents up to `now`, which `write` puts into a folder for each."""

    def __init__(self, *, seed: int, now: datetime) -> None:
        self._seed, self._now = seed, now
        self._files: dict[str, list[Json]] = {}
        self.used: list[Used] = []
        today = utc_day(now)
        self.first_day = today - timedelta(days=DAYS - 1)
        for back in range(DAYS):
            self._day(self.first_day + timedelta(days=back), back / DAYS)

    def write(self, folder: Path) -> dict[str, Path]:
        """Write every file; the root of each agent's logs."""
        for below, lines in self._files.items():
            path = folder / below
            path.parent.mkdir(parents=True, exist_ok=True)
            text = "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines)
            path.write_text(text, encoding="utf-8", newline="\n")
        return {CLAUDE: folder / "claude", CODEX: folder / "codex"}

    def _day(self, day: date, progress: float) -> None:
        """The sessions of one day; `progress` grows from 0 to 1 over all of them."""
        dice = random.Random(f"plimsoll/{self._seed}/agents/{day.isoformat()}")  # noqa: S311 - a story, no secret
        if day.weekday() >= 5:
            return
        start = day_start(day)
        for hour in sorted(dice.sample((8, 9, 11, 13, 14, 16), dice.randint(2, 4))):
            at = start + timedelta(hours=hour, minutes=dice.randint(0, 50))
            _Transcript(self, dice, at, progress).tell()
        if dice.random() < 0.6:
            _Rollout(self, dice, start + timedelta(hours=10), progress).tell()
        if dice.random() < 0.35:
            _Rollout(self, dice, start + timedelta(hours=22), progress, alone=True).tell()

    def keep(self, below: str, lines: list[tuple[datetime, Json]], used: list[Used]) -> None:
        """Keep what was there by now of a file and its calls."""
        seen = [line for at, line in lines if at <= self._now]
        if any(one.at <= self._now for one in used):
            self._files[below] = seen
            self.used += [one for one in used if one.at <= self._now]


class _Session:
    """What both agents' sessions have in common."""

    def __init__(self, logs: AgentLogs, dice: random.Random, at: datetime) -> None:
        self.logs, self.dice, self.at = logs, dice, at
        where, self.branch, self.title = dice.choice(_WORK)
        self.folder = f"{_HOME}/{where}"
        self.id = f"{dice.getrandbits(32):08x}-0000-4000-8000-{dice.getrandbits(48):012x}"
        self.lines: list[tuple[datetime, Json]] = []
        self.used: list[Used] = []
        self.context = 18_000

    def pause(self, seconds: int) -> None:
        self.at += timedelta(seconds=self.dice.randint(seconds // 3 + 1, seconds))

    def loops(self, progress: float) -> int:
        """How many calls go by before a person is asked again."""
        return self.dice.randint(2, 5 + round(14 * progress))

    def grow(self) -> tuple[int, int]:
        """Tokens that are new to the context, and those of the answer."""
        dice = self.dice
        return int(2200 * dice.lognormvariate(0, 0.8)) + 1, int(
            320 * dice.lognormvariate(0, 0.9)
        ) + 1


class _Transcript(_Session):
    """One session of Claude Code."""

    def __init__(self, logs: AgentLogs, dice: random.Random, at: datetime, progress: float) -> None:
        super().__init__(logs, dice, at)
        self.progress = progress

    def tell(self) -> None:
        for _ in range(self.dice.randint(2, 5)):
            self._line("user", message={"role": "user", "content": "…"}, promptSource="typed")
            answered: CallClass = "human"
            for _ in range(self.loops(self.progress)):
                self._call(self.lines, _OPUS, answered)
                answered = "tool_loop"
                if self.dice.random() < 0.05:
                    self._subagent()
                if self.context > 170_000:
                    answered = self._compact()
            self.pause(1200)
        self._line("ai-title", aiTitle=self.title)
        folder = "".join(sign if sign.isalnum() else "-" for sign in self.folder)
        self.logs.keep(f"claude/projects/{folder}/{self.id}.jsonl", self.lines, self.used)

    def _compact(self) -> CallClass:
        self.context = 22_000
        self._line("user", message={"role": "user", "content": "…"}, isCompactSummary=True)
        return "auto"

    def _subagent(self) -> None:
        main, self.context = self.context, 9_000
        lines: list[tuple[datetime, Json]] = []
        before = len(self.used)
        for _ in range(self.dice.randint(3, 9)):
            self._call(lines, _HAIKU, "subagent", side=True)
        own, self.used = self.used[before:], self.used[:before]
        folder = "".join(sign if sign.isalnum() else "-" for sign in self.folder)
        name = f"agent-{self.dice.getrandbits(28):07x}"
        below = f"claude/projects/{folder}/{self.id}/subagents/{name}.jsonl"
        self.logs.keep(below, lines, own)
        self.context = main

    def _call(
        self,
        lines: list[tuple[datetime, Json]],
        model: str,
        answered: CallClass,
        *,
        side: bool = False,
    ) -> None:
        self.pause(45)
        new, output = self.grow()
        read = self.context if self.dice.random() < 0.94 else 0
        tokens = Tokens(
            input=self.dice.randint(1, 40),
            cache_read=read,
            cache_write_5m=new + self.context - read,
            output=output,
        )
        self.context += new + output
        number = made_up_id("msg_01", f"{self.id}/{self.at.isoformat()}", 22)
        content = [{"type": "text", "text": "…"}]
        first = self.at
        for told in (min(output, 3), output):
            usage = {
                "input_tokens": tokens.input,
                "cache_creation_input_tokens": tokens.cache_write_5m,
                "cache_read_input_tokens": tokens.cache_read,
                "output_tokens": told,
            }
            message = {
                "model": model,
                "id": number,
                "type": "message",
                "role": "assistant",
                "content": content,
                "usage": usage,
            }
            self._line("assistant", lines, message=message, isSidechain=side)
        self.used.append(Used(CLAUDE, first, model, tokens, answered, self.id, self.folder))
        result = {"tool_use_id": "toolu_1", "type": "tool_result", "content": "…"}
        self._line("user", lines, message={"role": "user", "content": [result]}, isSidechain=side)

    def _line(
        self, kind: str, lines: list[tuple[datetime, Json]] | None = None, /, **more: object
    ) -> None:
        line = {
            "isSidechain": False,
            "userType": "external",
            "cwd": self.folder,
            "sessionId": self.id,
            "version": "2.1.100",
            "gitBranch": self.branch,
            "type": kind,
            "uuid": f"{self.dice.getrandbits(128):032x}",
            "timestamp": _stamp(self.at),
            **more,
        }
        (self.lines if lines is None else lines).append((self.at, line))


class _Rollout(_Session):
    """One thread of Codex; `alone` it is started by a program at night."""

    def __init__(
        self,
        logs: AgentLogs,
        dice: random.Random,
        at: datetime,
        progress: float,
        *,
        alone: bool = False,
    ) -> None:
        super().__init__(logs, dice, at)
        self.progress, self.alone = progress, alone
        self.total = (0, 0, 0)
        self.begin = at

    def tell(self) -> None:
        meta = {
            "id": self.id,
            "cwd": self.folder,
            "originator": "codex_exec" if self.alone else "codex-tui",
            "source": "exec" if self.alone else "cli",
            "git": {"branch": self.branch},
        }
        self._line("session_meta", meta)
        for number in range(1 if self.alone else self.dice.randint(1, 3)):
            turn = {"turn_id": f"{self.id}-{number}", "cwd": self.folder, "model": _GPT}
            self._line("turn_context", turn)
            self._line("event_msg", {"type": "user_message", "message": "…"})
            answered: CallClass = "headless" if self.alone else "human"
            for _ in range(self.loops(self.progress)):
                self._call(answered)
                answered = "headless" if self.alone else "tool_loop"
            self.pause(900)
        name = f"rollout-{self.begin:%Y-%m-%dT%H-%M-%S}-{self.id}.jsonl"
        below = f"codex/sessions/{self.begin:%Y/%m/%d}/{name}"
        self.logs.keep(below, self.lines, self.used)

    def _call(self, answered: CallClass) -> None:
        self.pause(40)
        new, output = self.grow()
        read = self.context if self.dice.random() < 0.9 else 0
        last = (self.context + new, read, output)
        sent, cached, out = self.total
        self.total = (sent + last[0], cached + read, out + output)
        tokens = Tokens(input=last[0] - read, cache_read=read, output=output, reasoning=output // 3)
        info = {"total_token_usage": _counts(*self.total), "last_token_usage": _counts(*last)}
        self._line("event_msg", {"type": "token_count", "info": info})
        self.used.append(Used(CODEX, self.at, _GPT, tokens, answered, self.id, self.folder))
        self.context = 20_000 if self.context > 200_000 else self.context + new + output

    def _line(self, kind: str, payload: Json) -> None:
        self.lines.append(
            (self.at, {"timestamp": _stamp(self.at), "type": kind, "payload": payload})
        )


def _counts(sent: int, cached: int, output: int) -> dict[str, int]:
    return {
        "input_tokens": sent,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": output // 3,
        "total_tokens": sent + output,
    }


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
