"""Providers that can be added and sources that were, one fresh and one whose key was refused."""

from __future__ import annotations

from datetime import date, timedelta

from august import NOW, TODAY, money
from purses import purse

from plimsoll.services.answers import ProviderCard, SourceCard, SourcesPage, SourceState

OPENAI_KEY = "sk-admin-abcdefghijklmnopqrstuvwxyz3f9a"

PROVIDERS = (
    ProviderCard(
        name="anthropic",
        title="Anthropic",
        base_url="https://api.anthropic.com",
        key_label="Anthropic Admin key",
        key_starts=("sk-ant-admin",),
        needs="An Admin key of the organisation; a normal API key cannot read usage.",
        help_url="https://console.anthropic.com/settings/admin-keys",
        gives=("tokens", "money", "per model", "per project"),
    ),
    ProviderCard(
        name="openai",
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        key_label="OpenAI Admin key",
        key_starts=("sk-admin-",),
        needs="An Admin key with read access to Usage.",
        help_url="https://platform.openai.com/settings/organization/admin-keys",
        gives=("tokens", "money", "per model", "per project", "per key"),
    ),
)


def source_cards() -> tuple[SourceCard, ...]:
    """One fresh source and one whose key was refused."""
    return (
        SourceCard(
            name="OpenAI",
            provider="openai",
            title="OpenAI",
            base_url="https://api.openai.com/v1",
            default_base_url=True,
            state=SourceState.FRESH,
            key_tail="3f9a",
            key_place="keyring",
            first_day=date(2025, 8, 12),
            last_day=TODAY,
            last_sync=NOW - timedelta(minutes=2),
            records=48_213,
            charges=3_904,
            gives=("tokens", "money", "per model", "per project", "per key"),
        ),
        SourceCard(
            name="Anthropic",
            provider="anthropic",
            title="Anthropic",
            base_url="https://api.anthropic.com",
            default_base_url=True,
            state=SourceState.FAILED,
            key_tail="7c21",
            key_place="environment",
            first_day=date(2025, 9, 1),
            last_day=date(2026, 8, 18),
            last_sync=NOW - timedelta(days=1, hours=5),
            failure="Anthropic refused the key (401). Replace it with a working Admin key.",
            failed_at=NOW - timedelta(days=1),
            records=12_441,
            charges=1_204,
            gives=("tokens", "money", "per model", "per project"),
            balances=(("USD", money("182.40")),),
        ),
    )


def sources_page(cards: tuple[SourceCard, ...] | None = None) -> SourcesPage:
    """The Sources page with a working keyring."""
    return SourcesPage(
        now=NOW,
        cards=source_cards() if cards is None else cards,
        providers=PROVIDERS,
        keyring="Secret Service (GNOME Keyring)",
        keyring_works=True,
        ledger_path="/home/ada/.local/share/plimsoll/ledger.sqlite",
        ledger_bytes=48_211_968,
        prepaid=(purse("Anthropic", "USD", 182.4, now=NOW),),
    )
