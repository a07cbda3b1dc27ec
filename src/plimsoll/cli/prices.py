"""`plimsoll prices`: what models cost, what is not priced, your own prices, and updates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from plimsoll.cli import price_documents as documents
from plimsoll.cli.peers import show_peers
from plimsoll.cli.session import Session, common, print_out, session_of, tell
from plimsoll.domain.calendar import Period, spoken
from plimsoll.domain.effect import Effect
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NotAnAmount, read_amount
from plimsoll.domain.tariff import BadPrice, Discount, PriceRow
from plimsoll.services.change_words import signed
from plimsoll.services.price_answers import (
    KnownPrice,
    NotPricedLine,
    PriceChange,
    PricePreview,
    PricesPage,
)
from plimsoll.services.price_desk import PriceDesk
from plimsoll.services.price_list import words_of
from plimsoll.services.price_words import count_of

_DATE = click.DateTime(["%Y-%m-%d"])
_SHOWN_MODELS = 8


@click.command("prices")
@click.argument("model", required=False)
@click.option("--own", type=click.Path(path_type=Path), help="Replace your own prices by a file's.")
@click.option("--export", type=click.Path(path_type=Path), help="Write your own prices to a file.")
@click.option(
    "--discount",
    metavar="SOURCE=PERCENT",
    help="What a contract takes off a source's prices; 0 takes it away.",
)
@click.option("--from", "first", type=_DATE, help="First day of the discount.")
@click.option("--to", "last", type=_DATE, help="Last day of the discount, included.")
@click.option("--update", is_flag=True, help="Fetch list prices over the network, this once.")
@click.option("--address", default="", help="Fetch them from here instead of the usual place.")
@click.option("--forget-update", is_flag=True, help="Use the prices that come with Plimsoll again.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Take fetched prices without asking.")
@click.option("--log", is_flag=True, help="Show when prices changed, and what that did.")
@click.option("--peers", is_flag=True, help="Set mainland models beside their overseas peers.")
@common
@click.pass_context
def command(
    context: click.Context,
    model: str | None,
    own: Path | None,
    export: Path | None,
    discount: str | None,
    first: datetime | None,
    last: datetime | None,
    update: bool,
    address: str,
    forget_update: bool,
    dry_run: bool,
    yes: bool,
    log: bool,
    peers: bool,
) -> None:
    """List the known prices of MODEL; without it, what is not priced and your own prices.

    A change of prices shows what it does to the stored figures, by month and currency.
    """
    changes = own is not None or discount is not None or update
    _refuse(
        ((first or last) and discount is None, "--from and --to are for --discount."),
        ((address or yes) and not update, "--address and --yes are for --update."),
        (dry_run and not changes, "--dry-run is for --own, --discount and --update."),
        (
            sum(map(bool, (model, own, export, discount, update, forget_update, log, peers))) > 1,
            "Only one of these can be done at a time.",
        ),
    )
    session = session_of(context)
    with session.program(who="prices") as program:
        desk = program.prices
        if own is not None:
            _change(session, desk, desk.page(), own=desk.read_file(own), dry_run=dry_run)
        elif discount is not None:
            page = desk.page()
            discounts = with_discount(page.discounts, discount, _day(first), _day(last))
            _change(session, desk, page, discounts=discounts, dry_run=dry_run)
        elif export is not None:
            _export(session, desk, export)
        elif update:
            _update(session, desk, address=address, dry_run=dry_run, yes=yes)
        elif forget_update:
            _show(session, desk.forget_update(), taken=True)
        elif peers:
            show_peers(session, program.peer_ratios())
        else:
            _list(session, desk, model, log=log)


def _refuse(*wrongs: tuple[object, str]) -> None:
    for wrong, sentence in wrongs:
        if wrong:
            raise WrongUse(sentence)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


# -- changes -------------------------------------------------------------------------------------


def with_discount(
    discounts: Sequence[Discount], text: str, first: date | None, last: date | None
) -> tuple[Discount, ...]:
    """The discounts with `SOURCE=PERCENT` in the place of those of its source and days.

    Raises `WrongUse` for words that are no discount.
    """
    source, equals, number = text.rpartition("=")
    try:
        percent = read_amount(number.strip().removesuffix("%").strip())
        new = Discount(source.strip(), percent, first, last)
    except NotAnAmount:
        equals = ""
    except BadPrice as wrong:
        raise WrongUse(f"The {wrong.field} of a discount {wrong}.") from None
    if not equals or not source.strip():
        raise WrongUse(f"A discount is written SOURCE=PERCENT, such as Work=15, not {text}.")
    kept = [d for d in discounts if d.source != new.source or not d.meets(new)]
    return (*kept, *([new] if percent else []))


def _change(
    session: Session,
    desk: PriceDesk,
    page: PricesPage,
    *,
    own: Sequence[PriceRow] | None = None,
    discounts: Sequence[Discount] | None = None,
    dry_run: bool,
) -> None:
    make = desk.preview if dry_run else desk.change
    preview = make(
        page.own if own is None else own,
        page.discounts if discounts is None else discounts,
        version=page.version,
    )
    _show(session, preview, taken=not dry_run)


def _export(session: Session, desk: PriceDesk, path: Path) -> None:
    rows = desk.page().own
    desk.write_file(path, rows)
    if session.as_json:
        session.answer({"schema": 1, "file": str(path), "prices": len(rows)})
    else:
        print_out(f"{count_of(len(rows), 'own price')} written to {path}.")


def _update(session: Session, desk: PriceDesk, *, address: str, dry_run: bool, yes: bool) -> None:
    update = desk.fetch_update(once=True, address=address)
    taken = not dry_run
    if taken and not yes:
        tell(update.preview.sentence)
        _tell_models(update.changed)
        taken = click.confirm("Use these prices from now on?", err=True)
    if session.as_json:
        preview = desk.take_update(update) if taken else update.preview
        session.answer(
            documents.change_document(preview, taken=taken)
            | {"edition": update.edition, "changed": list(update.changed)}
        )
        return
    _tell_models(update.changed if yes or dry_run else ())
    _show(session, desk.take_update(update) if taken else update.preview, taken=taken)


def _tell_models(models: Sequence[str]) -> None:
    for model in models[:_SHOWN_MODELS]:
        tell(f"  {model}")
    if len(models) > _SHOWN_MODELS:
        tell(f"  and {len(models) - _SHOWN_MODELS} more")


def _show(session: Session, preview: PricePreview, *, taken: bool) -> None:
    if session.as_json:
        session.answer(documents.change_document(preview, taken=taken))
        return
    print_out(preview.sentence)
    _print_months(preview.effect)
    if not taken:
        print_out("Nothing was changed.")


def _print_months(effect: Effect) -> None:
    for month in effect.months:
        told = (("estimated", month.estimated), ("plan", month.plan), ("worth", month.worth))
        figures = [f"{word} {signed(nanos, month.currency)}" for word, nanos in told if nanos]
        print_out(f"  {month.month.isoformat()[:7]}  {', '.join(figures)}")


# -- lists ---------------------------------------------------------------------------------------


def _list(session: Session, desk: PriceDesk, model: str | None, *, log: bool) -> None:
    if log:
        _show_log(session, desk.page().log)
    elif model is not None:
        _show_known(session, model, desk.known(model))
    else:
        _show_page(session, desk.page())


def _show_page(session: Session, page: PricesPage) -> None:
    if session.as_json:
        session.answer(documents.page_document(page))
        return
    print_out(f"Prices: {page.edition}.")
    if page.updates.problem:
        tell(page.updates.problem)
    _print_list("Not priced", [_line_words(line) for line in page.not_priced])
    own = [f"{row.provider}: {line}" for row in page.own for line in _own_words(row)]
    _print_list("Your own prices", own)
    _print_list("Discounts", [_discount_words(discount) for discount in page.discounts])


def _print_list(title: str, lines: Sequence[str]) -> None:
    print_out(f"{title}: none" if not lines else f"{title}:")
    for line in lines:
        print_out(f"  {line}")


def _line_words(line: NotPricedLine) -> str:
    who = ", ".join(filter(None, (line.source, line.model or "no model", line.tier)))
    amounts = [f"{line.tokens:,} tokens"] if line.tokens else []
    amounts += [f"{quantity:,f} {unit}" for unit, quantity in line.units]
    return f"{who}: {', '.join(amounts)} {_days(line.period)}. {line.reason}"


def _own_words(row: PriceRow) -> list[str]:
    whose = f" (only {row.source})" if row.source else ""
    spans = [
        f"{word} {instant:%Y-%m-%d %H:%M} UTC"
        for word, instant in (("from", row.effective_from), ("until", row.effective_to))
        if instant
    ]
    first, *more = words_of(row)
    return [f"{' '.join([first, *spans])}{whose}", *more]


def _discount_words(discount: Discount) -> str:
    spans = [
        f"{word} {day.isoformat()}"
        for word, day in (("from", discount.first), ("to", discount.last))
        if day
    ]
    return " ".join([f"{discount.source}: {discount.percent.normalize():f} %", *spans])


def _days(period: Period) -> str:
    if period.first == period.last:
        return f"on {spoken(period.first, year=True)}"
    return f"from {spoken(period.first, year=True)} to {spoken(period.last, year=True)}"


_LAYERS = {
    "own": "your own",
    "overlay": "Plimsoll's list",
    "listed": "genai-prices",
}


def _show_known(session: Session, model: str, prices: Sequence[KnownPrice]) -> None:
    if session.as_json:
        session.answer(documents.known_document(model, prices))
        return
    for price in prices:
        spans = [
            f"{word} {instant:%Y-%m-%d %H:%M} UTC"
            for word, instant in (("from", price.begins), ("until", price.ends))
            if instant
        ]
        whose = [f"only {price.source}"] if price.source else []
        checked = [f"checked {price.checked.isoformat()}"] if price.checked else []
        head = ", ".join([_LAYERS[price.layer], *whose, *_now(price), *spans, *checked])
        print_out(f"{price.provider} ({head})")
        peak = f"Peak hours: {price.peak_hours}." if price.peak_hours else ""
        for line in (*price.words, *filter(None, (peak, price.note, price.link))):
            print_out(f"  {line}")
    if not prices:
        tell(f"Nobody's price for {model} is known. Give your own with --own FILE.")


def _now(price: KnownPrice) -> Sequence[str]:
    """Whether it is the price now, where there are others, and of which hours."""
    hours = price.hours
    if not price.holds:
        return ()
    if hours is None:
        return ("now",) if price.begins or price.ends or price.layer == "listed" else ()
    if hours.peak is None:
        return (f"now peak or off-peak: {hours.doubt[:1].lower()}{hours.doubt[1:-1]}",)
    until = f" until {hours.until:%Y-%m-%d %H:%M} UTC" if hours.until else ""
    return (f"now {'in peak hours' if hours.peak else 'off-peak'}{until}",)


def _show_log(session: Session, log: Sequence[PriceChange]) -> None:
    if session.as_json:
        session.answer(documents.log_document(log))
        return
    for entry in log:
        print_out(f"{entry.at:%Y-%m-%d %H:%M} UTC  {entry.sentence}")
        _print_months(entry.effect)
    if not log:
        tell("No price has changed yet.")
