"""Where one can go: every finished page, in the order of the sidebar, imported when first shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from plimsoll.ui.page import Page


@dataclass(frozen=True, slots=True)
class Destination:
    """One line of the sidebar: a page's word, its icon, its name on the screen and its keys."""

    name: str
    icon: str
    title: str
    shortcut: str


FIRST = "overview"

PAGE_NAMES = ("overview", "spend", "budgets", "check", "market", "sources", "settings")


def destinations() -> tuple[Destination, ...]:
    """The pages of the sidebar, in the language in use."""
    return (
        Destination("overview", "overview", tr("Overview"), "Ctrl+1"),
        Destination("spend", "spend", tr("Spend"), "Ctrl+2"),
        Destination("budgets", "forecast", tr("Forecast & budgets"), "Ctrl+3"),
        Destination("check", "check", tr("Check"), "Ctrl+4"),
        Destination("market", "market", tr("Market"), "Ctrl+5"),
        Destination("sources", "sources", tr("Sources"), "Ctrl+6"),
    )


def places_below() -> tuple[Destination, ...]:
    """What stands apart from the pages, at the sidebar's foot."""
    return (Destination("settings", "settings", tr("Settings"), "Ctrl+,"),)


def page_class(name: str) -> type[Page[Any]]:
    """The class of a page; its module is imported now. Raises `ValueError` for another word."""
    page: type[Page[Any]]
    match name:
        case "overview":
            from plimsoll.ui.pages.overview import OverviewPage

            page = OverviewPage
        case "spend":
            from plimsoll.ui.pages.spend import SpendPage

            page = SpendPage
        case "budgets":
            from plimsoll.ui.pages.budgets import BudgetsPageView

            page = BudgetsPageView
        case "check":
            from plimsoll.ui.pages.check import CheckPage

            page = CheckPage
        case "market":
            from plimsoll.ui.pages.market import MarketPage

            page = MarketPage
        case "sources":
            from plimsoll.ui.pages.sources import SourcesPageView

            page = SourcesPageView
        case "settings":
            from plimsoll.ui.pages.settings import SettingsPage

            page = SettingsPage
        case _:
            raise ValueError(f"no such page: {name}")
    return page
