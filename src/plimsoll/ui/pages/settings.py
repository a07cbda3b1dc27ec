"""Settings: how the window looks and speaks, how it may notify, its currencies and prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QGridLayout

from plimsoll import __version__
from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import Cancelled, PlimsollError
from plimsoll.domain.exchange import Rate
from plimsoll.domain.secret import Secret
from plimsoll.services.currencies import Currencies
from plimsoll.services.login import LoginStart
from plimsoll.services.price_answers import PricePreview, PriceUpdate, UpdateState
from plimsoll.services.settings import Settings
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.dialogs.rate import RateDialog
from plimsoll.ui.dialogs.webhook import WebhookDialog
from plimsoll.ui.jobs import Job
from plimsoll.ui.page import Page
from plimsoll.ui.rates import rate_words
from plimsoll.ui.widgets.background_card import BackgroundCard
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.currencies_card import CurrenciesCard
from plimsoll.ui.widgets.delivery_card import DeliveryCard
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import Banner
from plimsoll.ui.widgets.notices_card import NoticesCard
from plimsoll.ui.widgets.updates_card import UpdatesCard
from plimsoll.ui.words import LANGUAGES, in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.price_desk import PriceDesk


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page shows: the settings in force, and where this program keeps its data."""

    settings: Settings
    data_dir: str
    currencies: Currencies
    updates: UpdateState
    now: datetime
    login: LoginStart


class SettingsPage(Page[Choices]):
    """Every change takes effect at once and is kept."""

    name: ClassVar[str] = "settings"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Settings")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "Every choice takes effect at once. “System” follows the desktop. Notifications"
                " tell of a budget's threshold once; the window always shows the same. Alerts go"
                " elsewhere only where you say so, and none of your keys goes with them."
            ),
            tr(
                "Closed, the window can stay in the tray, where this desktop has one. Started at"
                " login, Plimsoll is hidden there from the beginning; quitting is in the tray's"
                " menu and by Ctrl+Q."
            ),
            tr(
                "Amounts stay in the currency that they were spent in. To see all of them in one,"
                " choose it and set rates, each with the day from which it holds. Nothing is"
                " converted without a rate of yours, and every converted figure says which."
            ),
            tr(
                "List prices come with Plimsoll. Newer ones are fetched only when you allow it and"
                " press the button, and are used only when you take them. Past days keep the price"
                " of their day; where a price of the past was wrong, its days are computed again."
            ),
        )

    def question(self) -> Callable[[], Choices]:
        """What the user chose before."""
        return lambda: Choices(
            self.program.settings(),
            str(self.program.data_dir),
            self.program.currencies(),
            self.program.prices.updates(),
            self.program.clock.now(),
            self.program.login_start(),
        )

    def build(self) -> None:
        """Rows of a label and a choice."""
        self.theme = SegmentedControl(
            (("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))),
            name=tr("Theme"),
        )
        self.language = SegmentedControl(
            (("system", tr("System")), *LANGUAGES.items()), name=tr("Language")
        )
        self.notices = NoticesCard()
        self.notices.chosen.connect(self._choose)
        self.background = BackgroundCard()
        self.background.chosen.connect(self._choose)
        self.background.login_chosen.connect(self._start_at_login)
        self.delivery = DeliveryCard()
        self.delivery.chosen.connect(self._choose)
        self.delivery.address_asked.connect(self._open_address)
        self.delivery.forget_asked.connect(self._ask_to_stop_sending)
        self.delivery.test_asked.connect(self._send_test)
        self.theme.chosen.connect(lambda _: self._choose())
        self.language.chosen.connect(lambda _: self._choose())
        looks = Card(tr("Look and language"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        for row, (label, control) in enumerate(
            ((tr("Theme"), self.theme), (tr("Language"), self.language))
        ):
            grid.addWidget(Words(label, tone="muted"), row, 0)
            grid.addWidget(control, row, 1)
        grid.setColumnStretch(2, 1)
        looks.body.addLayout(grid)
        self.banner = Banner()
        self.banner.acted.connect(self.banner.clear)
        self.body.addWidget(self.banner)
        self.currencies = CurrenciesCard()
        self.currencies.display_chosen.connect(lambda _: self._choose())
        self.currencies.rate_asked.connect(self._open_rate)
        self.currencies.remove_asked.connect(self._ask_to_remove)
        self.updates = UpdatesCard()
        self._fetching: Job | None = None
        self._connect_updates()
        about = Card(tr("About"))
        self.about = Words(tone="muted", wrap=True)
        about.add(self.about)
        for card in (
            *(looks, self.background, self.notices, self.delivery),
            *(self.currencies, self.updates, about),
        ):
            self.body.addWidget(card)
        self.body.addStretch(1)

    def show_answer(self, answer: Choices) -> None:
        """Show what is in force."""
        self._settings = answer.settings
        self._currencies = answer.currencies
        self.currencies.show_currencies(answer.currencies)
        self.updates.show_state(answer.updates, now=answer.now)
        self.theme.choose(answer.settings.theme)
        self.language.choose(answer.settings.language)
        self.background.show_settings(answer.settings, answer.login)
        self.notices.show_settings(answer.settings)
        self.delivery.show_settings(answer.settings)
        self.about.setText(
            "\n".join(
                (
                    tr("Plimsoll {version}, Qt {qt} (LGPL 3)", version=__version__, qt=qVersion()),
                    tr("Figures are kept in {folder}", folder=answer.data_dir),
                    tr("Nothing leaves this computer but the calls to your providers."),
                )
            )
        )

    def _choose(self) -> None:
        self._settings = replace(
            self.background.chosen_in(self.notices.chosen_in(self._settings)),
            theme=self.theme.value,
            language=self.language.value,
            alert_command=self.delivery.command_typed,
            display_currency=self.currencies.display.currentData() or "",
            price_updates=self.updates.is_allowed,
            price_address=self.updates.own_address,
        )
        self.settings_chosen.emit(self._settings)

    def _start_at_login(self, on: bool) -> None:
        def refused(error: PlimsollError) -> None:
            self.banner.show_line(in_words(error.words), tone=Tone.BAD, action=tr("Close"))
            self.refresh()  # the switch shows what is

        def changed(_nothing: object) -> None:
            self.banner.clear()
            self.refresh()

        self.jobs.write(
            lambda _job: self.program.start_at_login(on),
            then=changed,
            failed=refused,
            receiver=self,
        )

    # --- alerts elsewhere --------------------------------------------------------------------

    def _open_address(self) -> None:
        form = WebhookDialog(self)
        form.chosen.connect(self._keep_address)
        form.open()

    def _keep_address(self, address: Secret) -> None:
        self._change(partial(self.program.set_alert_webhook, address))

    def _ask_to_stop_sending(self) -> None:
        question = Confirm(
            tr("Send alerts to {host} no more?", host=self._settings.alert_webhook),
            tr("Its address is removed from the keyring."),
            action=tr("Stop sending"),
            parent=self,
        )
        question.accepted.connect(
            lambda: self._change(partial(self.program.set_alert_webhook, None))
        )
        question.open()

    def _send_test(self) -> None:
        self.jobs.download(
            lambda job: self.program.send_test_alert(cancelled=job.is_cancelled),
            then=self.delivery.show_sent,
            failed=lambda error: self.delivery.show_trouble(in_words(error.words)),
            receiver=self,
        )

    # --- currencies --------------------------------------------------------------------------

    def _open_rate(self, rate: Rate | None) -> None:
        form = RateDialog(self._currencies, rate=rate, parent=self)
        form.chosen.connect(lambda made: self._change(partial(self._keep, made, rate)))
        form.open()

    def _keep(self, made: Rate, before: Rate | None) -> None:
        self.program.set_rate(made, instead_of=before)

    def _ask_to_remove(self, rate: Rate) -> None:
        question = Confirm(
            tr("Remove the rate “{rate}”?", rate=rate_words(rate)),
            tr("The rate before it takes its place; without one, money is shown apart."),
            action=tr("Remove"),
            parent=self,
        )
        question.accepted.connect(lambda: self._change(partial(self.program.remove_rate, rate)))
        question.open()

    # --- list prices -------------------------------------------------------------------------

    def _connect_updates(self) -> None:
        card = self.updates
        card.chosen.connect(self._choose)
        card.look_asked.connect(self._fetch)
        card.stop_asked.connect(self._stop_fetching)
        card.take_asked.connect(self._take)
        card.forget_asked.connect(self._ask_to_forget)

    def _fetch(self) -> None:
        """Look for new prices: the button is asking for it, whatever is kept already."""
        address, card = self.updates.own_address, self.updates
        card.show_busy(tr("Fetching the list of prices …"))
        self._fetching = self.jobs.download(
            lambda job: self.program.price_desk(job.is_cancelled).fetch_update(
                once=True, address=address
            ),
            then=lambda update: card.show_found(update, today=self._today()),
            failed=self._not_fetched,
            receiver=self,
        )

    def _not_fetched(self, error: PlimsollError) -> None:
        if isinstance(error, Cancelled):
            self.updates.show_done()
        else:
            self.updates.show_trouble(in_words(error.words))

    def _stop_fetching(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()

    def _take(self, update: PriceUpdate) -> None:
        self._reprice(lambda desk: desk.take_update(update))

    def _ask_to_forget(self) -> None:
        question = Confirm(
            tr("Use the prices that come with Plimsoll again?"),
            tr("What the fetched prices changed is computed again without them."),
            action=tr("Use them again"),
            parent=self,
        )
        question.accepted.connect(lambda: self._reprice(lambda desk: desk.forget_update()))
        question.open()

    def _reprice(self, work: Callable[[PriceDesk], PricePreview]) -> None:
        self.updates.show_busy(tr("Computing what changed …"))

        def done(_preview: PricePreview) -> None:
            self.updates.show_done()
            self.data_changed.emit()

        self._fetching = self.jobs.write(
            lambda job: work(self.program.price_desk(job.is_cancelled)),
            then=done,
            failed=self._not_fetched,
            receiver=self,
        )

    def _today(self) -> date:
        return utc_day(self.program.clock.now())

    def _change(self, work: Callable[[], None]) -> None:
        def changed(_nothing: object) -> None:
            self.banner.clear()
            self.data_changed.emit()

        def refused(error: PlimsollError) -> None:
            self.banner.show_line(in_words(error.words), tone=Tone.BAD, action=tr("Close"))

        self.jobs.write(lambda _job: work(), then=changed, failed=refused, receiver=self)
