"""Providers that tell an account's usage or money to no key at all, and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.said import say

GATEWAY = "a gateway that counts, as a source of its own (OpenRouter, a LiteLLM proxy)"
LOGS = "the logs of coding agents that call it, priced at list price"


@dataclass(frozen=True, slots=True)
class WithoutApi:
    """One such provider: what is missing, and the ways around it, the best one first."""

    title: str
    why: str
    instead: tuple[str, ...] = (GATEWAY, LOGS)


WITHOUT_API = (
    WithoutApi("Cerebras", say("No usage, cost or balance for keys; only the console has credit.")),
    WithoutApi(
        "Cohere", say("No usage or balance for keys; answers carry their own token counts.")
    ),
    WithoutApi(
        say("Gemini API key"),
        say("A key of AI Studio reads no usage, cost or balance."),
        (
            "Google Cloud as a source, by the billing export",
            "Google's billing report as a CSV file, dropped on the window",
            GATEWAY,
            LOGS,
        ),
    ),
    WithoutApi("Groq", say("No billing for keys; usage stands in the console only.")),
    WithoutApi("Nebius Token Factory", say("No usage, cost or balance for keys.")),
    WithoutApi(
        "Perplexity", say("No usage or balance for keys; each answer carries its own cost.")
    ),
    WithoutApi(
        "Replicate",
        say("No billing for keys, only runs and their seconds."),
        ("the billing page of Replicate; nothing of it can be had here",),
    ),
    WithoutApi(
        say("ChatGPT, Claude and Gemini apps"),
        say("Flat subscriptions of the apps tell no usage."),
        ("the logs of coding agents that they pay for, as Plan, and the fee as a subscription",),
    ),
)
