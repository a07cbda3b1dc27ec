"""How the simulated Anthropic writes things: instants, cents, dimensions and descriptions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from plimsoll.demo import company
from plimsoll.demo.asking import Asked, RefusedError
from plimsoll.demo.bills import Line
from plimsoll.demo.workloads import Series

_TOKEN_WORDS = {
    "uncached_input_tokens": "Input Tokens",
    "cache_read_input_tokens": "Input Tokens, Cache Read",
    "cache_creation.ephemeral_5m_input_tokens": "Input Tokens, Cache Write (5m)",
    "cache_creation.ephemeral_1h_input_tokens": "Input Tokens, Cache Write (1h)",
    "output_tokens": "Output Tokens",
}


@lru_cache(maxsize=32768)
def instant(seconds: int) -> str:
    """Unix seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(asked: Asked, name: str) -> int | None:
    """An RFC 3339 parameter as Unix seconds; refused without a zone or where it is no instant."""
    text = asked.one(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or len(text) < 17:
        raise RefusedError(400, f"{name}: Input should be an RFC 3339 datetime", param=name)
    return int(moment.timestamp())


def cents(nanos: int) -> str:
    """Nano-dollars as a decimal string of cents, as every amount of Anthropic's is."""
    text = f"{Decimal(nanos).scaleb(-7):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def old_field_of(series: Series, name: str) -> str | None:
    """A dimension as the older reports name it: the default workspace is null."""
    match name:
        case "workspace_id":
            return None if series.project == company.DEFAULT_WORKSPACE.id else series.project
        case "inference_geo":
            return series.geo or "not_available"
        case "speed":
            return "standard"
    return new_field_of(series, name)


def new_field_of(series: Series, name: str) -> str | None:
    """A dimension as the newer analytics name it: the default workspace has its id."""
    kind, identity = _actor_of(series)
    found = {
        "workspace_id": series.project,
        "api_key_id": series.key,
        "account_id": series.user,
        "actor": identity,
        "actor_type": kind,
        "agent_id": _agent_of(series),
        "inference_geo": series.geo,
    }
    if series.endpoint != "code_execution":  # a container has no model, tier, context or speed
        found |= {
            "model": series.model,
            "service_tier": series.tier,
            "context_window": series.context,
            "speed": "standard",
            "product": _product(series),
        }
    return found.get(name)


def _actor_of(series: Series) -> tuple[str, str | None]:
    """Of which kind the identity is that usage is attributed to, and its id."""
    if series.user is not None:
        return "user_actor", series.user
    if series.key == company.CHAT_PRIORITY.id:
        return "service_account_actor", company.CHAT_SERVICE
    return "api_actor", series.key


def _agent_of(series: Series) -> str | None:
    return company.MANAGED_AGENTS.get((series.key or "", series.model or ""))


def _product(series: Series) -> str:
    if _agent_of(series) is not None:
        return "managed_agents_api"
    if series.key is None:
        return "claude_console"
    if series.project == company.AGENTS.id:
        return "claude_code"
    return "message_batches_api" if series.tier == "batch" else "messages_api"


def description_of(line: Line) -> str:
    """The description of a charge, as the older cost report writes it."""
    if line.token_type is None:
        return {"web_search": "Web Search Usage"}.get(line.item, "Code Execution Usage")
    series = line.series
    family, *version = (series.model or "").removeprefix("claude-").split("-")
    batch = " (Batch)" if series.tier == "batch" else ""
    words = _TOKEN_WORDS[line.token_type]
    return f"Claude {family.title()} {'.'.join(version)} Usage{batch} - {words}"
