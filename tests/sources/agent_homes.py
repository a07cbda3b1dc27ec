"""A home folder for every agent: logs with prompts and answers in them, small enough to count by
hand, which tests shuffle, split, copy and cut.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import log_kit as kit
import test_copilot_cli as copilot
import test_gemini_cli as gemini
import test_goose as goose
import test_kimi_cli as kimi_cli
import test_kimi_code as kimi_code
import test_opencode as opencode
import test_qwen_code as qwen
from log_kit import OTHER, SECRET, SESSION, Insert, Json, Logs

Statements = Sequence[str | Insert]
Content = Sequence[Json | bytes] | Statements


@dataclass(frozen=True)
class Home:
    """What an agent left: files of lines, documents and databases, by their paths.

    `tokens` and `calls` are counted by hand. What lies `beside` is there from the beginning. A file
    may be `copied` to another place. Where an agent has no usual place, the user has `named` one.
    """

    tokens: int
    calls: int
    lines: Mapping[str, Sequence[Json | bytes]]
    documents: Mapping[str, Json | bytes]
    databases: Mapping[str, Statements]
    beside: Mapping[str, bytes]
    copied: Mapping[str, str]
    named: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """The folders that the user names, below the home folder."""
        return (self.named,) if self.named else ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file."""
        return (*self.documents, *self.lines, *self.databases)

    def write(self, logs: Logs, path: str, share: float = 1.0) -> None:
        """The beginning of a file: a share of its bytes, of a database a share of its rows.

        What is written whole by its agent is there or not.
        """
        if path in self.databases:
            schema = [one for one in self.databases[path] if isinstance(one, str)]
            rows = [one for one in self.databases[path] if not isinstance(one, str)]
            logs.database(path, *schema, *rows[: round(len(rows) * share)])
        elif path in self.lines:
            content = b"".join(map(_line, self.lines[path]))
            logs.write(path, content[: round(len(content) * share)], end=b"")
        elif share == 1.0:
            logs.write(path, self.documents[path], end=b"")

    def write_beside(self, logs: Logs) -> None:
        """The agent's settings, and what it says of its folders."""
        for path, content in self.beside.items():
            logs.write(path, content, end=b"")

    def write_all(self, logs: Logs) -> None:
        """Everything."""
        self.write_beside(logs)
        for path in self.paths:
            self.write(logs, path)


def _line(line: Json | bytes) -> bytes:
    return (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"


def home(
    tokens: int,
    calls: int,
    *,
    lines: Mapping[str, Any] | None = None,
    documents: Mapping[str, Any] | None = None,
    databases: Mapping[str, Any] | None = None,
    beside: Mapping[str, bytes] | None = None,
    copied: Mapping[str, str] | None = None,
    named: str = "",
) -> Home:
    kinds = (lines or {}, documents or {}, databases or {}, beside or {}, copied or {})
    return Home(tokens, calls, *kinds, named)


def _claude() -> Home:
    path = f".claude/projects/-home-dev-work-shop/{SESSION}.jsonl"
    said = [{"type": "text", "text": SECRET}]
    lines = [
        kit.prompt(1, SECRET),
        kit.answer("1", 2, kit.usage(out=2), content=said),
        kit.answer("1", 3, content=said),
        kit.tool_result(4, toolUseResult={"stdout": SECRET}),
        kit.answer("2", 5, content=said),
    ]
    return home(220, 2, lines={path: lines}, copied={path: ".claude/projects/p/copy.jsonl"})


def _codex() -> Home:
    path = f".codex/sessions/2026/09/02/rollout-2026-09-02T12-00-00-{SESSION}.jsonl"
    one, two = kit.vector(1000, 0, 50), kit.vector(200, 1000, 60)
    said = kit.entry("response_item", 3, {"type": "message", "content": [{"text": SECRET}]})
    lines = [
        kit.meta(),
        kit.turn(1),
        kit.asked(2, SECRET),
        said,
        kit.counted(4, one, one),
        kit.counted(5, two, kit.plus(one, two)),
    ]
    columns = "id, rollout_path, created_at, updated_at, source, cwd, title, tokens_used"
    threads = [("threads", _thread(SESSION, 2310)), ("threads", _thread(OTHER, 700))]
    return home(
        2310 + 700,
        3,
        lines={path: lines},
        databases={".codex/state_5.sqlite": [f"CREATE TABLE threads ({columns})", *threads]},
        copied={path: f".codex/archived_sessions/{path[-66:]}"},
    )


def _thread(number: str, tokens: int) -> Json:
    """A thread of Codex, whose rollout is not where it was."""
    gone = {"rollout_path": f"/gone/{number}.jsonl", "source": "cli", "cwd": kit.WORK}
    times = {"created_at": 1_788_350_400, "updated_at": 1_788_350_500}
    return {"id": number, "title": f"{SECRET} {number}", "tokens_used": tokens, **gone, **times}


def _gemini() -> Home:
    messages = [
        gemini.user("u1", 1),
        gemini.gemini("g1", 2, gemini.tokens(1000, 700, 40, thoughts=25, tool=60)),
    ]
    lines = [
        gemini.begin(),
        *messages,
        gemini.user("u2", 3),
        gemini.gemini("g2", 4),
        gemini.gemini("g2", 4, gemini.tokens(200)),
        {"$rewindTo": "u2"},
        {"$set": {"messages": messages}},
    ]
    side = f"{gemini.CHATS}/{SESSION}/{OTHER}.jsonl"
    subagent = [gemini.begin(OTHER, kind="subagent"), gemini.gemini("g1", 5, gemini.tokens(7))]
    return home(
        1125 + 220 + 27,
        3,
        lines={gemini.FILE: lines, side: subagent},
        documents={gemini.OLD: gemini.begin(messages=messages)},
        beside={".gemini/tmp/shop/.project_root": b"/home/dev/work/shop"},
        copied={gemini.FILE: f"{gemini.CHATS}/session-copy.jsonl"},
    )


def _qwen() -> Home:
    lines = [qwen.user("u1", 1), qwen.answer("a1", 2), qwen.answer("a2", 3, qwen.usage(7))]
    branch = f"{qwen.PROJECT}/chats/{OTHER}.jsonl"
    copied = [{**line, "sessionId": OTHER} for line in lines[:2]]
    return home(
        120 + 27 + 28,
        3,
        lines={qwen.FILE: lines, branch: [*copied, qwen.answer("a3", 9, qwen.usage(8))]},
        copied={qwen.FILE: f"{qwen.PROJECT}/chats/archive/{SESSION}.jsonl"},
    )


def _kimi_cli() -> Home:
    lines = [kimi_cli.METADATA, kimi_cli.turn(1), kimi_cli.status("m1", 2)]
    inner = kimi_cli.status("m2", 3, kimi_cli.usage(7))
    mirror = kimi_cli.event("SubagentEvent", 3, agent_id="explore-1", event=inner["message"])
    said = kimi_cli.event("ContentPart", 4, text=SECRET)
    state = {"custom_title": SECRET, "title_generated": False}
    return home(
        120 + 27,
        2,
        lines={
            kimi_cli.FILE: [*lines, mirror, said],
            f"{kimi_cli.PROJECT}/{SESSION}/subagents/explore-1/wire.jsonl": [inner],
        },
        documents={f"{kimi_cli.PROJECT}/{SESSION}/state.json": state},
        beside={".kimi/config.toml": kimi_cli.SETTINGS},
        copied={kimi_cli.FILE: f"{kimi_cli.PROJECT}/{OTHER}/wire.jsonl"},
    )


def _kimi_code() -> Home:
    lines = [
        kimi_code.prompt(1),
        kimi_code.request(2),
        kimi_code.step_end(3),
        kimi_code.record(3.1),
        kimi_code.record(4, kimi_code.usage(7)),
        kimi_code.record(5, kimi_code.usage(107, out=40), scope="session"),
    ]
    return home(
        120 + 27,
        2,
        lines={kimi_code.FILE: lines},
        documents={f"{kimi_code.HOME}/state.json": {"title": SECRET, "lastPrompt": SECRET}},
        copied={kimi_code.FILE: f"{kimi_code.FORK}/agents/main/wire.jsonl"},
    )


def _opencode(word: str) -> Callable[[], Home]:
    def made() -> Home:
        folder = f".local/share/{word}"
        second = opencode.message(2, opencode.tokens(50, 300, 0, 30))
        rows = [
            *opencode.V1,
            opencode.session(),
            opencode.text("prt_1", "msg_1"),
            opencode.step("prt_2", "msg_3", opencode.tokens(100)),
            opencode.step("prt_3", "msg_3", opencode.tokens(50, 300, 0, 30)),
            opencode.row("msg_1", opencode.prompt(0)),
            opencode.row("msg_2", opencode.message(1)),
            opencode.row("msg_3", second),
            opencode.session("ses_2", 60),
            opencode.row("msg_b", opencode.message(1), "ses_2"),
            opencode.row("msg_d", opencode.message(70, opencode.tokens(8)), "ses_2"),
        ]
        told = {"id": "msg_2", "sessionID": "ses_1", "system": [SECRET], **opencode.message(1)}
        return home(
            120 + 500 + 28,
            3,
            documents={
                f"{folder}/storage/message/ses_1/msg_2.json": told,
                f"{folder}/storage/part/msg_2/prt_9.json": {"type": "text", "text": SECRET},
            },
            databases={f"{folder}/{word}.db": rows},
            copied={f"{folder}/{word}.db": f"{folder}/{word}-beta.db"},
        )

    return made


def _goose() -> Home:
    rows = [
        *goose.SCHEMA,
        goose.message(1),
        goose.session(),
        goose.session("20260902_2", **goose.used(900, 90)),
        goose.call(2, 1000, 40, 700, 100),
        goose.call(3, 7),
    ]
    return home(1040 + 27 + 990, 3, databases={goose.DATABASE: rows})


def _copilot() -> Home:
    store = [
        *copilot.SCHEMA,
        ("turns", {"session_id": SESSION, "user_message": SECRET}),
        copilot.session(),
        copilot.stored(1, 1000, 40, 700, 100),
        copilot.stored(2, 7),
    ]
    spans = [
        copilot.log("c1", 1, 999, 41),
        copilot.span("c1", 1, 999, 41, **{"gen_ai.input.messages": SECRET}),
        copilot.span("c9", 1, 30, 4, **{"gen_ai.conversation.id": "third"}),
    ]
    other = {**copilot.begin(), "data": {"sessionId": OTHER}}
    return home(
        1040 + 27 + 34 + 55,
        4,
        lines={
            copilot.EVENTS: [
                copilot.begin(),
                copilot.event("user.message", 1, content=SECRET),
                copilot.spoken(2, 30),
                copilot.end(9, gpt_5=copilot.metrics(998, 42)),
            ],
            copilot.TELEMETRY: spans,
            f".copilot/session-state/{OTHER}/events.jsonl": [
                other,
                copilot.end(9, gpt_5=copilot.metrics(50, 5)),
            ],
        },
        databases={copilot.STORE: store},
        copied={copilot.TELEMETRY: ".copilot/otel/old/copy.jsonl"},
    )


HOMES: Mapping[str, Callable[[], Home]] = {
    "claude-code": _claude,
    "codex": _codex,
    "copilot-cli": _copilot,
    "gemini-cli": _gemini,
    "goose": _goose,
    "kilo-cli": _opencode("kilo"),
    "kimi-cli": _kimi_cli,
    "kimi-code": _kimi_code,
    "opencode": _opencode("opencode"),
    "qwen-code": _qwen,
}
