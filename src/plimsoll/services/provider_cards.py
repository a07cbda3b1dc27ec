"""Provider cards: what can be added, what each gives, and what to do where nothing can be asked."""

from __future__ import annotations

from plimsoll.services.answers import ProviderCard, SettingField, WithoutApiCard
from plimsoll.sources.about import Setting, about_of
from plimsoll.sources.base import Connector, Gives, provider, provider_names
from plimsoll.sources.without_api import WITHOUT_API


def provider_cards() -> tuple[ProviderCard, ...]:
    """Every provider that can be added, by title."""
    cards = (_provider_card(provider(word)) for word in provider_names())
    return tuple(sorted(cards, key=lambda card: card.title.casefold()))


def provider_card(word: str) -> ProviderCard:
    """One provider's card; raises `WrongUse` for an unknown word."""
    return _provider_card(provider(word))


def without_api() -> tuple[WithoutApiCard, ...]:
    """Providers that no key can ask, with what to do instead."""
    return tuple(WithoutApiCard(one.title, one.why, one.instead) for one in WITHOUT_API)


def _provider_card(connector: Connector) -> ProviderCard:
    shape, about = connector.key_shape, about_of(connector)
    return ProviderCard(
        name=connector.name,
        title=connector.title,
        base_url=connector.base_url,
        key_label=shape.label,
        key_starts=shape.prefixes,
        needs=shape.needs,
        help_url=shape.help_url,
        gives=gives_in_words(connector.gives),
        key_halves=shape.pair,
        settings=tuple(_field(setting) for setting in about.settings),
        console_steps=about.setup,
        own_server=about.own_server,
        figures=about.figures,
        costs_money=about.costs_money,
        undocumented=about.undocumented,
    )


def _field(setting: Setting) -> SettingField:
    return SettingField(
        name=setting.name,
        title=setting.title,
        sentence=setting.sentence,
        choices=tuple((choice.value, choice.title) for choice in setting.choices),
        required=setting.required,
        is_site=setting.is_site,
        example=setting.example,
        is_text=setting.is_text,
    )


def gives_in_words(gives: Gives) -> tuple[str, ...]:
    """What a connector gives, as the words of its card."""
    words = {
        "tokens": gives.tokens,
        "units": gives.units,
        "money": gives.money,
        "balance": gives.balance,
        "plan quota": gives.quota,
        "per model": gives.per_model,
        "per project": gives.per_project,
        "per key": gives.per_key,
        "per user": gives.per_user,
        "hourly": gives.hourly,
    }
    return tuple(word for word, given in words.items() if given)
