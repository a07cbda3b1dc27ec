"""Prices: what is known and what is not, the user's own, and what changing them does.

A change is looked at before it is made, by the same computation; making it keeps the prices, the
amounts that they bring about and an entry of the log in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from plimsoll.domain.calendar import ONE_DAY, Period, utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.tariff import Discount, PriceRow, first_overlap
from plimsoll.ledger import repricing
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.not_priced import NotPriced, not_priced
from plimsoll.ledger.own_prices import OwnPrices, keep_own_prices, own_prices
from plimsoll.ledger.presence import is_stale
from plimsoll.ledger.price_log import price_changes
from plimsoll.ledger.repricing import Which, reprice
from plimsoll.prices import overlay
from plimsoll.prices.pricefile import read_prices, write_prices
from plimsoll.prices.rates import Circumstances
from plimsoll.prices.shelf import Shelf
from plimsoll.prices.snapshot import listed_models
from plimsoll.services import price_words, settings
from plimsoll.services.basis_words import basis_again
from plimsoll.services.fetched_prices import fetched_prices
from plimsoll.services.price_answers import (
    KnownPrice,
    NotPricedLine,
    PricePreview,
    PricesPage,
    UpdateState,
)
from plimsoll.services.price_list import in_use, known_prices
from plimsoll.services.pricing import Accounts, Pricing, pricing_with, rows_of, texts_of

OWN_FILE_BYTES = 1_000_000
"""A file of own prices that is larger is not one."""

_BY_RULE = say("The provider's bill leaves these tokens out by rule.")

Prices = tuple[tuple[PriceRow, ...], tuple[Discount, ...]]
"""Own prices and discounts, by the names of their accounts."""


def page(ledger: Ledger, folder: Path, *, clock: Clock) -> PricesPage:
    """Everything about prices but the lists of all models."""
    own, accounts = own_prices(ledger), Accounts(ledger)
    book = pricing_with(own, fetched_prices(folder).snapshot)
    rows, discounts = _named(own, accounts)
    return PricesPage(
        now=clock.now(),
        edition=book.edition,
        own=rows,
        discounts=discounts,
        version=own.version,
        sources=accounts.names,
        in_use=in_use(ledger, book, now=clock.now()),
        not_priced=tuple(_line(found) for found in not_priced(ledger)),
        log=price_changes(ledger),
        updates=update_state(folder),
    )


def _named(own: OwnPrices, accounts: Accounts) -> Prices:
    return (
        tuple(accounts.row_by_name(row) for row in rows_of(own)),
        tuple(accounts.discount_by_name(discount) for discount in own.discounts),
    )


def _line(found: NotPriced) -> NotPricedLine:
    return NotPricedLine(
        provider=found.provider,
        source=found.source,
        model=found.model,
        tier=found.tier,
        reason=basis_again(found.reason) if found.unknown else _BY_RULE,
        tokens=found.tokens,
        missing=found.missing,
        units=found.units,
        days=found.days,
        period=found.period,
        can_be_priced=found.unknown and found.model is not None,
    )


def known(ledger: Ledger, folder: Path, model: str, *, clock: Clock) -> tuple[KnownPrice, ...]:
    """Every price that is known of a model."""
    rows, _ = _named(own_prices(ledger), Accounts(ledger))
    snapshot = fetched_prices(folder).snapshot
    return known_prices(model, own=rows, snapshot=snapshot, now=clock.now())


def models(ledger: Ledger, folder: Path) -> tuple[str, ...]:
    """Every model that has a price by some list or by the user's own, by name."""
    rows, _ = _named(own_prices(ledger), Accounts(ledger))
    ours = {model for row in (*rows, *overlay.rows()) for model in row.models}
    return tuple(sorted(ours | listed_models(fetched_prices(folder).snapshot)))


def update_state(folder: Path) -> UpdateState:
    """Whether prices are updated over the network, from where, and what is in use."""
    from plimsoll.prices.listed import edition
    from plimsoll.prices.snapshot import PUBLISHED_AT

    chosen, fetched = settings.load(folder), fetched_prices(folder)
    return UpdateState(
        allowed=chosen.price_updates,
        address=chosen.price_address or PUBLISHED_AT,
        usual_address=not chosen.price_address,
        in_use=edition(fetched.snapshot),
        fetched_at=fetched.fetched_at if fetched.snapshot else None,
        problem=fetched.problem,
    )


# -- bringing what is stored up to date ----------------------------------------------------------


def bring_up_to_date(
    ledger: Ledger, book: Pricing, *, clock: Clock, cancelled: Callable[[], bool]
) -> PricePreview | None:
    """Compute again what another edition of the price book computed; None where all is its own.

    After Plimsoll was upgraded its prices may be others; what that changes is logged.
    """
    if not is_stale(ledger, book.edition):
        return None
    what = "Prices brought up to date"
    effect = reprice(
        ledger,
        book.compute,
        calls=book.call_prices,
        edition=book.edition,
        sentence=f"{what}: {book.edition}.",
        which=Which(stale=True),
        cancelled=cancelled,
    )
    return PricePreview(price_words.sentence_of(what, effect, today=utc_day(clock.now())), effect)


# -- the user's own ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Other own prices and discounts than those that `version` stands for (None: whatever is kept
    when the change is made).
    """

    own: tuple[PriceRow, ...]
    discounts: tuple[Discount, ...]
    version: str | None = None


def change(
    ledger: Ledger,
    folder: Path,
    wanted: Change,
    *,
    clock: Clock,
    dry_run: bool,
    cancelled: Callable[[], bool],
) -> PricePreview:
    """Put other own prices and discounts in the place of those that are kept, or only look.

    Raises `WrongUse` for a price or a discount that cannot be, and where others were kept since
    `wanted.version`.
    """
    accounts, kept = Accounts(ledger), own_prices(ledger)
    version = kept.version if wanted.version is None else wanted.version
    refuse_overlaps(wanted.own, wanted.discounts)
    new = OwnPrices(
        prices=texts_of([accounts.row_by_uid(row) for row in wanted.own]),
        discounts=tuple(accounts.discount_by_uid(discount) for discount in wanted.discounts),
    )
    snapshot = fetched_prices(folder).snapshot
    old_book, new_book = pricing_with(kept, snapshot), pricing_with(new, snapshot)
    if not dry_run:
        bring_up_to_date(ledger, old_book, clock=clock, cancelled=cancelled)
    what = price_words.what_changed(_named(kept, accounts), _named(new, accounts))
    effect = reprice(
        ledger,
        new_book.compute,
        calls=new_book.call_prices,
        edition=new_book.edition,
        sentence=f"{what}.",
        which=_touched(ledger, kept, new),
        instead_of=old_book.edition,
        together=lambda: keep_own_prices(ledger, new, instead_of=version),
        log_idle=new != kept,
        dry_run=dry_run,
        cancelled=cancelled,
    )
    return PricePreview(price_words.sentence_of(what, effect, today=utc_day(clock.now())), effect)


def refuse_overlaps(rows: Sequence[PriceRow], discounts: Sequence[Discount]) -> None:
    """Raise `WrongUse` where two prices, or two discounts, are for the same at the same time."""
    pair = first_overlap(rows)
    if pair is not None:
        one, other = (rows[number] for number in pair)
        models = sorted({*map(str.casefold, one.models)} & {*map(str.casefold, other.models)})
        raise WrongUse(
            say(
                "Two of your own prices are for {names} of {provider} at the same time.",
                names=", ".join(models),
                provider=one.provider,
            ),
            remedy=say("End the one where the other begins."),
        )
    for number, discount in enumerate(discounts):
        if any(discount.meets(earlier) for earlier in discounts[:number]):
            raise WrongUse(
                say("Two discounts of {source} are for the same days.", source=discount.source),
                remedy=say("End the one before the other begins."),
            )


def _touched(ledger: Ledger, old: OwnPrices, new: OwnPrices) -> Which:
    """The stored rows that a change of own prices and discounts may be about."""
    before, after = rows_of(old), rows_of(new)
    rows = [row for row in (*before, *after) if (row in before) != (row in after)]
    discounts = [
        discount
        for discount in (*old.discounts, *new.discounts)
        if (discount in old.discounts) != (discount in new.discounts)
    ]
    shelf, contracts = Shelf(rows, own=True), {discount.source for discount in discounts}
    used = repricing.models_in_use(ledger)
    models = {
        source.id: frozenset(
            model
            for model in used.get(source.id, ())
            if source.uid in contracts or (model and _has(shelf, source, model, rows))
        )
        for source in sources(ledger, removed=True)
    }
    return Which(models=models, period=_hull(rows, discounts))


def _has(shelf: Shelf, source: Source, model: str, rows: Iterable[PriceRow]) -> bool:
    """Whether some of these prices may be for a model of a source, in whatever currency."""
    return any(
        any(shelf.ranks(Circumstances(provider, model, "", "", "", source.uid, currency="")))
        for provider in (
            {row.provider for row in rows} if source.kind == AGENT else (source.connector,)
        )
    )


def _hull(rows: Iterable[PriceRow], discounts: Iterable[Discount]) -> Period:
    """All days on which one of these holds, and the one before: its records may reach into it."""
    firsts = [utc_day(row.effective_from) if row.effective_from else date.min for row in rows]
    firsts += [discount.first or date.min for discount in discounts]
    lasts = [utc_day(row.effective_to) if row.effective_to else date.max for row in rows]
    lasts += [discount.last or date.max for discount in discounts]
    first = min(firsts, default=date.min)
    return Period(first if first == date.min else first - ONE_DAY, max(lasts, default=date.max))


# -- files of own prices -------------------------------------------------------------------------


def read_file(path: Path) -> tuple[PriceRow, ...]:
    """The prices of a file; raises `PriceFileProblem`, which names its line, or `WrongUse`."""
    try:
        if path.stat().st_size > OWN_FILE_BYTES:
            raise WrongUse(say("{path} is larger than a file of prices is.", path=str(path)))
        return read_prices(path.read_text(encoding="utf-8"), name=path.name)
    except OSError as error:
        raise WrongUse(
            say("{path} cannot be read ({strerror}).", path=str(path), strerror=str(error.strerror))
        ) from None
    except UnicodeDecodeError:
        raise WrongUse(say("{path} is no text in UTF-8.", path=str(path))) from None


def write_file(path: Path, rows: Sequence[PriceRow]) -> None:
    """Write prices into a new file; raises `WrongUse` where there is one already."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(write_prices(rows))
    except FileExistsError:
        raise WrongUse(
            say("There is already a file {path}.", path=str(path)),
            remedy=say("Choose another name."),
        ) from None
    except OSError as error:
        raise WrongUse(
            say(
                "{path} cannot be written ({strerror}).",
                path=str(path),
                strerror=str(error.strerror),
            )
        ) from None
