"""Made-up logs of coding agents, as large as wanted, and the truth about them.

The truth is counted from the calls as they are invented, never from the files. Most bytes are
message content and tools' results; lines of an answer repeat its usage, early ones with a
placeholder; there are subagents, resumed copies, forks with their parent's lines, counters that are
told again, and a torn last line. The same size and seed give the same bytes.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

END = datetime(2026, 9, 30, tzinfo=UTC)
DAYS = 60
PROJECTS = ("shop", "api", "web", "infra", "ml", "docs")
WORDS = (
    *("return", "self", "await", "import", "from", "class", "else", "while", "try", "async"),
    *("function", "response", "handler", "router", "checkout", "invoice", "token", "cache"),
    *("buffer", "tests", "passed", "failed", "error", "warning", "path", "line", "build"),
)
CLAUDE_MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")
CODEX_MODELS = ("gpt-5.4", "gpt-5.3-codex", "gpt-5.4-mini")
CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


@dataclass
class Truth:
    """Calls and tokens by agent; by agent and day; by agent and model."""

    by_agent: dict[str, dict[str, int]] = field(default_factory=dict)
    by_day: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    by_model: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    bytes: int = 0

    def add(self, agent: str, model: str, at: datetime, *counts: int) -> None:
        for table, key in (
            (self.by_agent, agent),
            (self.by_day, (agent, f"{at:%Y-%m-%d}")),
            (self.by_model, (agent, model)),
        ):
            row = table.setdefault(key, defaultdict(int))  # type: ignore[attr-defined]
            row["calls"] += 1
            for name, count in zip(CLASSES, counts, strict=True):
                row[name] += count


class Writer:
    """Writes a home folder of about `size` bytes."""

    def __init__(self, home: Path, size: int, *, seed: int = 1, claude: float = 0.7) -> None:
        self.home, self.size, self.claude = home, size, claude
        self.truth = Truth()
        self.dice = random.Random(seed)
        self.pieces = [self._piece() for _ in range(4000)]

    def write(self) -> Truth:
        """Write until there is enough."""
        while self.truth.bytes < self.size:
            begin = END - timedelta(days=self.dice.randrange(1, DAYS))
            begin += timedelta(seconds=self.dice.randrange(80_000))
            left = self.size - self.truth.bytes
            budget = min(
                self.spread(self.size // 400 + 20_000, 1.0, self.size // 40 + 50_000), left
            )
            if self.dice.random() < self.claude:
                Transcript(self, begin).write(budget + 1)
            else:
                Rollout(self, begin).write(budget + 1)
        return self.truth

    def spread(self, median: int, sigma: float, most: int = 400_000) -> int:
        """A size, mostly near the median and sometimes far above."""
        return min(most, int(median * self.dice.lognormvariate(0, sigma)) + 1)

    def text(self, length: int) -> str:
        """Content, as it stands in a JSON string."""
        pieces, count = self.pieces, length // 90 + 1
        at = self.dice.randrange(len(pieces))
        return "".join((pieces * (count // len(pieces) + 2))[at : at + count])

    def identity(self) -> str:
        bits = f"{self.dice.getrandbits(128):032x}"
        return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))

    def file(self, below: str, lines: list[str], *, end: str = "\n") -> None:
        path = self.home / below
        path.parent.mkdir(parents=True, exist_ok=True)
        content = "\n".join(lines) + end
        path.write_text(content, encoding="utf-8", newline="\n")
        self.truth.bytes += len(content)

    def _piece(self) -> str:
        words = " ".join(self.dice.choice(WORDS) for _ in range(self.dice.randint(8, 16)))
        return words + self.dice.choice(["\\n", "\\t", ' \\"quoted\\" ', " é ", "; "])


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


class Transcript:
    """One session of Claude Code."""

    def __init__(self, writer: Writer, begin: datetime) -> None:
        self.writer, self.dice, self.at = writer, writer.dice, begin
        self.session, self.project = writer.identity(), writer.dice.choice(PROJECTS)
        self.model = self.dice.choice(CLAUDE_MODELS)
        self.context = 15_000
        self.lines: list[str] = []
        self.agents = 0

    def write(self, budget: int) -> None:
        dice, writer = self.dice, self.writer
        held = 0
        while held < budget:
            prompt = f'"message":{{"role":"user","content":"{writer.text(300)}"}}'
            self.lines.append(self._line("user", f'{prompt},"promptSource":"typed"'))
            for _ in range(dice.randint(2, 12)):
                before = len(self.lines)
                self._call(self.lines)
                if dice.random() < 0.04:
                    self._subagent()
                held += sum(map(len, self.lines[before:]))
                if held >= budget:
                    break
            self.at += timedelta(minutes=dice.randint(1, 40))
        folder = f".claude/projects/-home-dev-{self.project}"
        writer.file(f"{folder}/{self.session}.jsonl", self.lines)
        if dice.random() < 0.06:
            other = writer.identity()
            copied = [
                line.replace(self.session, other) for line in self.lines[: dice.randint(2, 60)]
            ]
            writer.file(f"{folder}/{other}.jsonl", copied, end=dice.choice(["\n", '\n{"type":"us']))

    def _line(self, kind: str, rest: str, *, side: bool = False) -> str:
        return (
            f'{{"parentUuid":"{self.writer.identity()}","isSidechain":{str(side).lower()},'
            f'"userType":"external","cwd":"/home/dev/{self.project}","sessionId":"{self.session}",'
            f'"version":"2.1.100","gitBranch":"main","type":"{kind}",{rest},'
            f'"uuid":"{self.writer.identity()}","timestamp":"{stamp(self.at)}"}}'
        )

    def _call(self, lines: list[str], *, side: bool = False) -> None:
        dice, writer = self.dice, self.writer
        self.at += timedelta(seconds=dice.randint(4, 60))
        number, first = f"msg_01{dice.getrandbits(100):026x}", self.at
        new, output = writer.spread(1800, 1.0, 60_000), writer.spread(260, 1.1, 16_000)
        read = self.context if dice.random() < 0.93 else 0
        written = new + self.context - read
        hour = written if dice.random() < 0.3 else 0
        fresh, blocks, partial = dice.randint(1, 40), dice.choice([1, 2, 2, 3]), dice.random() < 0.5
        for block in range(blocks):
            told = min(dice.randint(1, 8), output) if partial and block < blocks - 1 else output
            content = f'[{{"type":"text","text":"{writer.text(writer.spread(700, 1.2))}"}}]'
            usage = (
                f'{{"input_tokens":{fresh},"cache_creation_input_tokens":{written},'
                f'"cache_read_input_tokens":{read},"cache_creation":{{"ephemeral_5m_input_tokens":'
                f'{written - hour},"ephemeral_1h_input_tokens":{hour}}},"output_tokens":{told},'
                f'"service_tier":"standard","inference_geo":"not_available"}}'
            )
            message = (
                f'"message":{{"model":"{self.model}","id":"{number}","type":"message",'
                f'"role":"assistant","content":{content},"stop_reason":null,"usage":{usage}}},'
                f'"requestId":"req_{number}"'
            )
            lines.append(self._line("assistant", message, side=side))
            self.at += timedelta(seconds=1)
        writer.truth.add(
            "claude-code", self.model, first, fresh, read, written - hour, hour, output
        )
        for _ in range(dice.randint(4, 12)):
            output_text = writer.text(writer.spread(500, 0.9))
            lines.append(self._line("progress", f'"data":{{"output":"{output_text}"}}', side=side))
        result = writer.text(writer.spread(2600, 1.4))
        block = f'{{"tool_use_id":"toolu_1","type":"tool_result","content":"{result}"}}'
        message = f'"message":{{"role":"user","content":[{block}]}}'
        told = f'{message},"toolUseResult":{{"stdout":"{result}"}}'
        lines.append(self._line("user", told, side=side))
        self.context = 20_000 if self.context > 165_000 else self.context + new + output

    def _subagent(self) -> None:
        main, self.context, lines = self.context, 8000, []
        for _ in range(self.dice.randint(2, 9)):
            self._call(lines, side=True)
        self.agents += 1
        folder = f".claude/projects/-home-dev-{self.project}/{self.session}/subagents"
        self.writer.file(f"{folder}/agent-{self.agents:07x}.jsonl", lines)
        self.context = main


class Rollout:
    """One thread of Codex."""

    def __init__(self, writer: Writer, begin: datetime) -> None:
        self.writer, self.dice, self.at = writer, writer.dice, begin
        self.thread, self.project = writer.identity(), writer.dice.choice(PROJECTS)
        self.model = self.dice.choice(CODEX_MODELS)
        self.source = "exec" if self.dice.random() < 0.2 else "cli"
        self.total = [0, 0, 0, 0]
        self.context = 12_000

    def write(self, budget: int) -> None:
        begin, lines = self.at, [self._meta()]
        while sum(map(len, lines)) < budget:
            self._turn(lines, budget)
            self.at += timedelta(minutes=self.dice.randint(1, 30))
        self._file(begin, lines)
        if self.dice.random() < 0.1:
            self._fork(lines)

    def _fork(self, lines: list[str]) -> None:
        """A copy of some of the lines, all of one new time, and a turn of its own."""
        cut = len(lines) if self.dice.random() < 0.5 else self.dice.randrange(1, len(lines) + 1)
        turns = [n for n, line in enumerate(lines) if '"turn_context"' in line and n < cut]
        copied = lines[: cut if cut == len(lines) else (turns[-1] if turns else 1)]
        begin, parent, self.thread = self.at, self.thread, self.writer.identity()
        again = [f'{{"timestamp":"{stamp(begin)}"{line[line.index(",") :]}' for line in copied]
        mine = [self._meta(f'"forked_from_id":"{parent}",'), *again]
        self._turn(mine, 0)
        self._file(begin, mine)

    def _file(self, begin: datetime, lines: list[str]) -> None:
        name = f"rollout-{begin:%Y-%m-%dT%H-%M-%S}-{self.thread}.jsonl"
        self.writer.file(f".codex/sessions/{begin:%Y/%m/%d}/{name}", lines)

    def _line(self, kind: str, payload: str) -> str:
        return f'{{"timestamp":"{stamp(self.at)}","type":"{kind}","payload":{payload}}}'

    def _meta(self, more: str = "") -> str:
        return self._line(
            "session_meta",
            f'{{"id":"{self.thread}",{more}"cwd":"/home/dev/{self.project}","originator":"codex-tui",'
            f'"source":"{self.source}","base_instructions":{{"text":"{self.writer.text(9000)}"}},'
            f'"git":{{"branch":"main"}}}}',
        )

    def _turn(self, lines: list[str], budget: int) -> None:
        dice, writer = self.dice, self.writer
        turn, folder = writer.identity(), f"/home/dev/{self.project}"
        context = (
            f'{{"turn_id":"{turn}","cwd":"{folder}","model":"{self.model}","effort":"medium"}}'
        )
        lines.append(self._line("turn_context", context))
        asked = f'{{"type":"user_message","message":"{writer.text(200)}"}}'
        lines.append(self._line("event_msg", asked))
        for _ in range(dice.randint(2, 14)):
            self.at += timedelta(seconds=dice.randint(3, 50))
            for length in (900, 300):
                said = writer.text(writer.spread(length, 0.9))
                lines.append(
                    self._line(
                        "response_item", f'{{"type":"reasoning","encrypted_content":"{said}"}}'
                    )
                )
            self._call(lines)
            output = writer.text(writer.spread(3500, 1.3))
            lines.append(
                self._line(
                    "response_item", f'{{"type":"function_call_output","output":"{output}"}}'
                )
            )
            if budget and sum(map(len, lines[-60:])) > budget:
                break

    def _call(self, lines: list[str]) -> None:
        dice, writer = self.dice, self.writer
        new, output = writer.spread(2500, 0.9, 40_000), writer.spread(220, 1.1, 9000)
        read = self.context if dice.random() < 0.9 else 0
        last = [self.context + new, read, output, output // 3]
        self.total = [a + b for a, b in zip(self.total, last, strict=True)]
        counted = (
            f'{{"type":"token_count","info":{{"total_token_usage":{counts(self.total)},'
            f'"last_token_usage":{counts(last)},"model_context_window":258400}},"rate_limits":'
            '{"primary":{"used_percent":%d.0,"window_minutes":300}}}'
        )
        again = dice.choice([1, 1, 2])
        lines.extend(self._line("event_msg", counted % dice.randint(1, 90)) for _ in range(again))
        writer.truth.add("codex", self.model, self.at, last[0] - read, read, 0, 0, output)
        self.context = 15_000 if self.context > 240_000 else self.context + new + output


def counts(vector: list[int]) -> str:
    sent, read, output, reasoning = vector
    return (
        f'{{"input_tokens":{sent},"cached_input_tokens":{read},"output_tokens":{output},'
        f'"reasoning_output_tokens":{reasoning},"total_tokens":{sent + output}}}'
    )
