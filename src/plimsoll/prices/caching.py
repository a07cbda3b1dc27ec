"""Caching: how each maker's prompt cache behaves, beside what its price list says of it.

From the makers' own pages, as read in October and November 2026: the shortest prompt that is cached
(where it hangs on the model, the least and the most), and whether the cache works by itself, with
no promise of how often it hits. Of makers that are missing here no minimum is known, and nothing is
promised either.
"""

from __future__ import annotations

from plimsoll.analysis.at_offer import CacheRules

_RULES = {
    # Asked for by marks in the prompt; kept for five minutes or an hour from its last use.
    "anthropic": CacheRules(automatic=False, minimum=(512, 4096)),
    "openai": CacheRules(minimum=(1024, 1024)),
    "google": CacheRules(minimum=(1024, 4096)),
    # In units of 64 tokens, by the best effort.
    "deepseek": CacheRules(minimum=(64, 64)),
    # The one that works by itself; the one that is asked for begins at 1,024.
    "alibaba": CacheRules(minimum=(256, 1024)),
    "minimax": CacheRules(minimum=(512, 512)),
}


def cache_rules(provider: str) -> CacheRules:
    """The rules of a provider's cache, by our word for it."""
    return _RULES.get(provider, CacheRules())


__all__ = ["cache_rules"]
