"""Makers: whose price list counts for a model that an agent reached through somebody.

Agents name the service they asked in words of their own, and often it is one that sells other
makers' models under a plan, or through a cloud. What such a call is worth is told by the list of
the model's maker.
"""

from __future__ import annotations

import re

_WORDS = {
    "anthropic": "anthropic",
    "openai": "openai",
    "chatgpt_codex": "openai",
    "google": "google",
    "gemini": "google",
    "xai": "xai",
    "x-ai": "xai",
    "mistral": "mistral",
    "mistralai": "mistral",
    "groq": "groq",
    "openrouter": "openrouter",
    "deepseek": "deepseek",
    "moonshot": "moonshot",
    "moonshotai": "moonshot",
    "moonshotai-cn": "moonshot",
    "kimi": "moonshot",
    "zai": "zai",
    "zhipuai": "zhipu",
    "zhipu": "zhipu",
    "alibaba": "alibaba",
    "alibaba-cn": "alibaba",
    "dashscope": "alibaba",
    "qwen": "alibaba",
    "minimax": "minimax",
    "minimax-cn": "minimax",
    "xiaomi": "xiaomi",
    "volcengine": "volcengine",
    "byteplus": "byteplus",
}
"""Our words for those who have a price list, by those that agents use."""

_RESELLERS = re.compile(
    r"github-copilot|github_copilot|copilot|opencode(-go)?|kilo|.*-coding-plan|.*-for-coding"
    r"|amazon-bedrock|aws_bedrock|azure|azure_openai|google-vertex|google-vertex-anthropic"
    r"|gcp_vertex_ai|vercel|claude-code|claude_code|codex|gemini_cli|chatgpt.*"
)
"""Services that sell other makers' models, under a plan or through a cloud."""

_MAKERS = (
    (re.compile(r"(?:^|[./-])claude"), "anthropic"),
    (re.compile(r"(?:^|[./])(?:gpt|chatgpt|codex|o[1-9])(?:[-.]|$|\d)"), "openai"),
    (re.compile(r"(?:^|[./])gemini"), "google"),
    (re.compile(r"(?:^|[./])grok"), "xai"),
    (re.compile(r"(?:^|[./])deepseek"), "deepseek"),
    (re.compile(r"(?:^|[./])(?:kimi|moonshot)"), "moonshot"),
    (re.compile(r"(?:^|[./])glm"), "zai"),
    (re.compile(r"(?:^|[./])(?:qwen|qwq|qvq)"), "alibaba"),
    (re.compile(r"(?:^|[./])minimax"), "minimax"),
    (re.compile(r"(?:^|[./])(?:mistral|codestral|devstral|magistral|ministral)"), "mistral"),
    (re.compile(r"(?:^|[./])mimo"), "xiaomi"),
    (re.compile(r"(?:^|[./])doubao"), "volcengine"),
    (re.compile(r"(?:^|[./])(?:dola-)?seed-\d"), "byteplus"),
)


def maker_of(model: str | None) -> str | None:
    """The maker of a model by its name; None for a name that tells nothing."""
    name = (model or "").lower()
    return next((maker for pattern, maker in _MAKERS if pattern.search(name)), None)


def whose_prices(service: str | None, model: str | None) -> str:
    """The provider whose list counts for a model that was asked of a service.

    A service that nobody knows keeps its own word, so that nothing is priced by a guess.
    """
    word = (service or "").lower()
    if word in _WORDS:
        return _WORDS[word]
    if not word or _RESELLERS.fullmatch(word):
        return maker_of(model) or word or "unknown"
    return word
