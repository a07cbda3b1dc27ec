"""Homes of the agents that keep their logs in editors, in projects, or only as a sum."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import test_aider as aider
import test_amp as amp
import test_cline as cline
import test_crush as crush
import test_droid as droid
import test_pi as pi
import test_roo_code as roo
from agent_homes import Home, home
from log_kit import OTHER, SECRET, SESSION, WORK, Json


def _whole(*messages: Json) -> bytes:
    return json.dumps(messages).encode()


def _cline() -> Home:
    used = {**cline.spent(400, 30, 20, 60), "source": "subagents"}
    task = [
        cline.say("task", 0),
        cline.request(1, cline.spent(10, 2000, 300, 50)),
        cline.say("text", 2),
        cline.request(3, cline.spent(700, 500, 0, 20), **cline.by("openai", "gpt-5.4")),
        cline.say("subagent_usage", 4, used),
        cline.request(5, {"request": SECRET, "cancelReason": "user_cancelled"}),
    ]
    messages = [cline.user(), cline.answer("msg_1", 6), cline.result(), cline.answer("msg_2", 7)]
    told = {"version": 1, "agent": "lead", "sessionId": cline.ROOT, "messages": messages}
    fork = f"{cline.SESSIONS}/fork/fork.messages.json"
    return home(
        2360 + 720 + 510 + 3 * 120,
        6,
        documents={
            cline.FILE: _whole(*task),
            cline.MESSAGES: told,
            fork: {**told, "messages": [*messages[:2], cline.answer("msg_3", 9)]},
        },
        beside={
            f"{cline.SESSIONS}/{cline.ROOT}/{cline.ROOT}.json": json.dumps(
                {"cwd": WORK, "prompt": SECRET, "interactive": True}
            ).encode()
        },
        copied={cline.FILE: cline.FILE.replace("/Code/", "/Cursor/")},
    )


def _roo(word: str) -> Callable[[], Home]:
    def made() -> Home:
        folder = f"{roo.STORAGE[word]}/tasks/{roo.TASK}"
        path = f"{folder}/ui_messages.json"
        task = [
            cline.say("text", 0),
            roo.asked(1, 2310, cacheReads=2000, cacheWrites=300),
            cline.say("user_feedback", 2),
            roo.asked(3, 2300, cacheReads=2000, apiProtocol="openai"),
            cline.say("api_req_deleted", 4, cline.spent(200, out=40)),
            roo.asked(5, 0, tokensOut=0, usageMissing=True),
        ]
        item = {"task": SECRET, "workspace": WORK}
        return home(
            2330 + 2320 + 240,
            4,
            documents={path: _whole(*task)},
            beside={f"{folder}/history_item.json": json.dumps(item).encode()},
            copied={path: path.replace("/Code/", "/VSCodium/")},
        )

    return made


def _pi() -> Home:
    lines = [
        pi.header(),
        pi.said("user", 1),
        pi.answer(2),
        pi.said("toolResult", 3),
        pi.answer(4, pi.usage(7)),
    ]
    fork = [pi.header(OTHER, parentSession=f"/x/{Path(pi.FILE).name}"), *lines[1:3], pi.answer(9)]
    return home(
        120 + 27 + 120,
        3,
        lines={pi.FILE: lines, pi.FORK: fork},
        copied={pi.FILE: f"{pi.FOLDER}/2026_copy.jsonl"},
    )


def _amp() -> Home:
    thread = {
        "id": amp.THREAD,
        "created": cline.NOON,
        "messages": [
            amp.user(0),
            amp.answer(1, 10, 2000, 300, 50),
            amp.answer(3, second=3),
        ],
        "usageLedger": {"events": [amp.event(1, 1, 10, 50), amp.event(5, 5, 7)]},
    }
    return home(
        2360 + 120 + 27,
        3,
        documents={amp.FILE: thread},
        copied={amp.FILE: amp.FILE.replace("/threads/", "/threads/old/")},
    )


def _droid() -> Home:
    transcript = [droid.start(), droid.said("user", 1), droid.said("assistant", 2)]
    return home(
        2367 + 120,
        2,
        lines={droid.TRANSCRIPT: transcript},
        documents={
            droid.FILE: droid.settings(droid.used(10, 2000, 300, 50, 7)),
            droid.FILE.replace(SESSION, OTHER): droid.settings(),
        },
        copied={droid.FILE: droid.FILE.replace("-shop/", "-other/")},
    )


def _crush() -> Home:
    rows = [
        *crush.SCHEMA,
        crush.message("user"),
        crush.message(),
        crush.session(),
        crush.session("m1$$t1", 0.1, parent_session_id="s1"),
        crush.session("s2", 0.5),
    ]
    path = f"projects/{crush.DATABASE}"
    return home(
        0,
        2,
        databases={path: rows},
        copied={path: path.replace("shop", "moved")},
        named="projects",
    )


def _aider() -> Home:
    path = f"projects/{aider.SHOP}"
    lines = [
        *aider.chat(),
        *aider.prompt(),
        aider.told("12k sent, 3.4k cache hit, 133 received."),
        aider.told("850 sent, 133 received."),
        *aider.chat(9),
        *aider.prompt(),
        aider.told("850 sent, 133 received."),
    ]
    return home(
        12_133 + 2 * 983,
        3,
        lines={path: lines},
        copied={path: path.replace("shop", "copy")},
        named="projects",
    )


MORE: Mapping[str, Callable[[], Home]] = {
    "aider": _aider,
    "amp": _amp,
    "cline": _cline,
    "crush": _crush,
    "droid": _droid,
    "kilo-code": _roo("kilo-code"),
    "pi": _pi,
    "roo-code": _roo("roo-code"),
}
