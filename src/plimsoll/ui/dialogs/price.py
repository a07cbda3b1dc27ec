"""Adding and editing a price of one's own, and seeing what it changes before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.currencies import in_order
from plimsoll.domain.tariff import TIERS, BadPrice, Kind, PriceRow
from plimsoll.ui import theme
from plimsoll.ui.dialogs.effect import EffectDialog
from plimsoll.ui.price_words import has_more, read_instant, typed
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.price_fields import RateField, ShareField, mark
from plimsoll.ui.words import in_words, tr

KINDS = (
    *(Kind.INPUT, Kind.CACHE_READ, Kind.OUTPUT),
    *(Kind.CACHE_WRITE_5M, Kind.CACHE_WRITE_1H, Kind.SEARCHES),
)


@dataclass(frozen=True, slots=True)
class Places:
    """What a price can be for: providers by word and title, and accounts by name and provider."""

    providers: tuple[tuple[str, str], ...]
    accounts: tuple[tuple[str, str], ...]
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prefill:
    """What is known of a price that is to be added."""

    provider: str = ""
    model: str = ""
    currency: str = ""
    tier: str = ""


class PriceDialog(EffectDialog):
    """A form that makes one `PriceRow`; of one that was given it keeps what the form does not show.

    Signals:
        preview_asked(PriceRow), taken(PriceRow): what a wish is here.
    """

    def __init__(
        self,
        places: Places,
        *,
        today: date,
        row: PriceRow | None = None,
        prefill: Prefill | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Edit the price") if row else tr("Add a price"),
            words=tr(
                "Your own price goes before every list. An empty field means that the price is"
                " unknown, and 0 that it is free. Days are UTC, such as 2026-09-01, both included."
            ),
            today=today,
            take=tr("Take this price"),
            parent=parent,
        )
        self.setMinimumWidth(680)
        self._before = row
        self._places = places
        self._build()
        self._fill(prefill or Prefill())
        self.finish_form()
        self._connect()
        (self.rates[Kind.INPUT].line if self.model.text() else self.model).setFocus()
        if prefill is not None and prefill.tier in self.shares:
            self._ask_for(prefill.tier)

    # --- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        # In the order in which the keyboard goes through them.
        self.provider, self.model = QComboBox(), QLineEdit()
        self.account, self.currency = QComboBox(), QComboBox()
        self.first, self.last = QLineEdit(), QLineEdit()
        for word, title in self._places.providers:
            self.provider.addItem(title, word)
        self.currency.addItems(in_order(first=self._places.currencies))
        self.model.setPlaceholderText("gpt-5.2")
        self.first.setPlaceholderText(tr("always"))
        self.last.setPlaceholderText(tr("open"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        fields = (
            (tr("Provider"), self.provider),
            (tr("Model"), self.model),
            (tr("Account"), self.account),
            (tr("Currency"), self.currency),
            (tr("First day"), self.first),
            (tr("Last day"), self.last),
        )
        for place, (label, control) in enumerate(fields):
            row, side = divmod(place, 2)
            control.setAccessibleName(label)
            control.setFont(theme.font(13))
            grid.addWidget(Words(label, tone="muted"), row, side * 2)
            grid.addWidget(control, row, side * 2 + 1)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, 210)
        self.rates = {kind: RateField(kind) for kind in KINDS}
        prices = QGridLayout()
        prices.setHorizontalSpacing(16)
        prices.setVerticalSpacing(10)
        for place, field in enumerate(self.rates.values()):
            prices.addWidget(field, *divmod(place, 3))
        for column in range(3):
            prices.setColumnStretch(column, 1)
            prices.setColumnMinimumWidth(column, 196)
        self.shares = {tier: ShareField(tier) for tier in TIERS}
        tiers = QHBoxLayout()
        tiers.setSpacing(16)
        for share in self.shares.values():
            tiers.addWidget(share)
        self.more = Words(tone="faint", size=12, wrap=True)
        self.body.addLayout(grid)
        self.body.addSpacing(4)
        self.body.addLayout(prices)
        self.body.addSpacing(4)
        words = tr("In these tiers the token prices are multiplied, half price being 0.5:")
        self.body.addWidget(Words(words, tone="muted", size=12))
        self.body.addLayout(tiers)
        self.body.addWidget(self.more)

    def _fill(self, prefill: Prefill) -> None:
        row = self._before
        provider = row.provider if row else prefill.provider
        if provider and self.provider.findData(provider) < 0:
            self.provider.addItem(provider, provider)
        if provider:
            self.provider.setCurrentIndex(self.provider.findData(provider))
        self._offer_accounts()
        if row is None:
            self.model.setText(prefill.model)
            if prefill.currency:
                self.currency.setCurrentText(prefill.currency)
        else:
            self.model.setText(", ".join(row.models))
            self.account.setCurrentIndex(max(0, self.account.findData(row.source)))
            self.currency.setCurrentText(row.currency)
            self.first.setText(typed(row.effective_from, first=True))
            self.last.setText(typed(row.effective_to, first=False))
            for kind, price in row.rates:
                if kind in self.rates:
                    self.rates[kind].set_number(price)
            for tier, share in row.multipliers:
                self.shares[tier].set_number(share)
        if row is not None and has_more(row):
            self.more.setText(tr("What else it holds, such as steps and hours, stays."))
        else:
            self.more.hide()
        self._name_currency()

    def _ask_for(self, tier: str) -> None:
        """What is missing is the price of a tier: the field for it says so."""
        self.more.setText(
            tr(
                "These tokens were used as {tier}: its share is needed, and the plain prices that"
                " it multiplies.",
                tier=tier,
            )
        )
        self.more.show()

    def _connect(self) -> None:
        self.provider.currentIndexChanged.connect(lambda _: self._offer_accounts())
        self.currency.currentTextChanged.connect(lambda _: self._name_currency())
        for box in (self.provider, self.account, self.currency):
            box.currentIndexChanged.connect(lambda _: self.forget_effect())
        for line in (self.model, self.first, self.last):
            line.textChanged.connect(self._edited)
        for field in (*self.rates.values(), *self.shares.values()):
            field.changed.connect(self.forget_effect)

    def _offer_accounts(self) -> None:
        chosen = self.account.currentData()
        self.account.blockSignals(True)
        self.account.clear()
        self.account.addItem(tr("all accounts"), None)
        for name, provider in self._places.accounts:
            if provider == self.provider.currentData():
                self.account.addItem(name, name)
        self.account.setCurrentIndex(max(0, self.account.findData(chosen)))
        self.account.blockSignals(False)

    def _name_currency(self) -> None:
        for field in self.rates.values():
            field.set_currency(self.currency.currentText())

    def _edited(self) -> None:
        for line in (self.model, self.first, self.last):
            mark(line, bad=False)
        self.forget_effect()

    # --- reading -----------------------------------------------------------------------------

    def wish(self) -> PriceRow:
        """What the form says; raises `BadPrice`, whose field is marked."""
        models = tuple(name.strip() for name in self.model.text().split(",") if name.strip())
        begin, end = self._instant(self.first, first=True), self._instant(self.last, first=False)
        if begin is not None and end is not None and end <= begin:
            raise BadPrice("effective_to", tr("must not be earlier than the first day"))
        made = {
            "provider": self.provider.currentData() or "",
            "models": models,
            "currency": self.currency.currentText(),
            "source": self.account.currentData(),
            "effective_from": begin,
            "effective_to": end,
            "rates": self._rates(),
            "multipliers": self._shares(),
        }
        if self._before is None:
            return PriceRow(**made)
        return replace(self._before, **made)

    def _instant(self, line: QLineEdit, *, first: bool) -> datetime | None:
        try:
            return read_instant(line.text(), first=first)
        except ValueError:
            field = "effective_from" if first else "effective_to"
            raise BadPrice(field, tr("is a day such as 2026-09-01, or empty")) from None

    def _rates(self) -> tuple[tuple[Kind, object], ...]:
        shown = {kind: field.number() for kind, field in self.rates.items()}
        kept = self._before.rates if self._before else ()
        rates = [(kind, price) for kind, price in kept if kind not in shown]
        rates += [(kind, price) for kind, price in shown.items() if price is not None]
        if not rates:
            raise BadPrice(Kind.INPUT, tr("is missing, and so are all others; 0 means free"))
        return tuple(rates)

    def _shares(self) -> tuple[tuple[str, Decimal], ...]:
        shown = {tier: field.number() for tier, field in self.shares.items()}
        return tuple((tier, share) for tier, share in shown.items() if share is not None)

    def refuse(self, error: BadPrice) -> None:
        """Mark the field that is wrong, and say why."""
        names = {
            "models": (tr("Model"), self.model),
            "effective_from": (tr("First day"), self.first),
            "effective_to": (tr("Last day"), self.last),
        }
        names |= {kind.value: (f.title.text(), f.line) for kind, f in self.rates.items()}
        names |= {tier: (f.title.text(), f.line) for tier, f in self.shares.items()}
        label, line = names.get(error.field, (error.field, None))
        self.say_trouble(tr("{field}: {words}.", field=label, words=in_words(error.words)))
        if line is not None:
            mark(line, bad=True)
            line.setFocus()


def places_of(sources: Sequence[tuple[str, str, str]], *, also: Sequence[str] = ()) -> Places:
    """What prices can be for, from accounts as (name, provider, title), and other providers."""
    providers = {provider: title for _, provider, title in sources}
    providers |= {word: word for word in also if word not in providers}
    ordered = sorted(providers.items(), key=lambda item: item[1].casefold())
    return Places(tuple(ordered), tuple((name, provider) for name, provider, _ in sources))
