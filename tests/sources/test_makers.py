"""Whose price list counts for a model is told by the service that was asked, and by the model's own
name where the service sells other makers' models; nothing is guessed for a service nobody knows.
"""

from __future__ import annotations

import pytest

from plimsoll.sources.logs.makers import maker_of, whose_prices


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("claude-opus-4-6", "anthropic"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic"),
        ("gpt-5.3-codex", "openai"),
        ("o3-mini", "openai"),
        ("openai/gpt-5.4", "openai"),
        ("gemini-2.5-pro", "google"),
        ("grok-code-fast-1", "xai"),
        ("deepseek-v4", "deepseek"),
        ("kimi-k2.5", "moonshot"),
        ("glm-5", "zai"),
        ("Qwen3-Coder-Plus", "alibaba"),
        ("MiniMax-M2", "minimax"),
        ("devstral-2", "mistral"),
        ("doubao-seed-2-1-pro-260915", "volcengine"),
        ("dola-seed-2-1-turbo-260628", "byteplus"),
        ("bytedance/seed-1-8-251228", "byteplus"),
        ("seedling", None),
        ("my-own-model", None),
        ("notclaude", None),
        ("", None),
        (None, None),
    ],
)
def test_a_models_name_tells_its_maker(model: str | None, maker: str | None) -> None:
    assert maker_of(model) == maker


@pytest.mark.parametrize(
    ("service", "model", "provider"),
    [
        ("Anthropic", "claude-opus-4-6", "anthropic"),
        ("google-vertex-anthropic", "claude-opus-4-6", "anthropic"),
        ("amazon-bedrock", "anthropic.claude-opus-4-6-v1", "anthropic"),
        ("kimi-for-coding", "kimi-k2.5", "moonshot"),
        ("github-copilot", "raptor-mini", "github-copilot"),
        ("lmstudio", "qwen3", "lmstudio"),
        ("volcengine", "doubao-seed-2.1-pro", "volcengine"),
        ("byteplus", "doubao-seed-2.1-turbo", "byteplus"),
        (None, "gpt-5.4", "openai"),
        (None, None, "unknown"),
        ("", "", "unknown"),
    ],
)
def test_resellers_are_looked_through_and_strangers_are_not(
    service: str | None, model: str | None, provider: str
) -> None:
    assert whose_prices(service, model) == provider
