"""Key looks: beginnings by which a key is known to be another provider's, before it is sent.

Only beginnings that no two providers share stand here, whether or not there is a connector for
them: people have such keys, and paste the wrong one.
"""

from __future__ import annotations

from collections.abc import Collection

from plimsoll.domain.said import say

_OF = {
    "AIza": "Google",
    "AKIA": "AWS",
    "ASIA": "AWS",
    "bce-v3/": "Baidu",
    "crsr_": "Cursor",
    "csk-": "Cerebras",
    "fw_": "Fireworks",
    "ghp_": "GitHub",
    "github_pat_": "GitHub",
    "gsk_": "Groq",
    "hf_": "Hugging Face",
    "nvapi-": "NVIDIA",
    "pk-lf-": "Langfuse",
    "pplx-": "Perplexity",
    "r8_": "Replicate",
    "sk-admin-": "OpenAI",
    "sk-ant-": "Anthropic",
    "sk-cp-": say("a MiniMax plan"),
    "sk-helicone-": "Helicone",
    "sk-kimi-": say("a Kimi Code plan"),
    "sk-lf-": "Langfuse",
    "sk-or-": "OpenRouter",
    "sk-poe-": "Poe",
    "sk-proj-": "OpenAI",
    "sk-svcacct-": "OpenAI",
    "tgp_v1_": "Together",
    "vck_": "Vercel's gateway",
    "xai-": "xAI",
}

_LOGIN_TOKEN = "eyJ"  # noqa: S105 - how every JSON Web Token begins
_COMMON = "sk-"


def not_of(title: str, *, own: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """The `wrong` pairs of a `KeyShape` of the provider `title`, the longest beginning first.

    `own` are beginnings that its own keys have. Where `sk-` alone is none of them, such a key is
    somebody else's, too: the longest beginning decides.
    """
    pairs = {
        prefix: say("This is a key of {whose}, not of {title}.", whose=whose, title=title)
        for prefix, whose in _OF.items()
        if prefix not in own
    }
    pairs[_LOGIN_TOKEN] = say("This is a login token, not a key of {title}.", title=title)
    if _COMMON not in own:
        pairs[_COMMON] = say("This is a key of another provider, not of {title}.", title=title)
    return tuple(sorted(pairs.items(), key=lambda pair: (-len(pair[0]), pair[0])))
