"""Accounts: set up, test, change and remove the sources that figures come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import NoKey, VaultMissing
from plimsoll.domain.prepaid import Watch
from plimsoll.domain.said import say
from plimsoll.domain.secret import Secret
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.imports import imported_files
from plimsoll.ledger.prepaid import watches
from plimsoll.ledger.quotas import latest_quotas
from plimsoll.ledger.repricing import make_stale
from plimsoll.ledger.runs import forget_failures
from plimsoll.services import agents, balance_marks, imported, overlaps
from plimsoll.services.account_words import (
    MONEY,
    check_settings,
    check_values,
    checked_name,
    checked_new_name,
    setting_names,
)
from plimsoll.services.answers import SourceCard, SourceState, TestLine
from plimsoll.services.environment_keys import variable_of
from plimsoll.services.logs import this_place
from plimsoll.services.money_hints import money_question
from plimsoll.services.provider_cards import gives_in_words
from plimsoll.services.redaction import hide_from_now_on
from plimsoll.services.vault import Vault
from plimsoll.sources.about import about_of
from plimsoll.sources.base import (
    Account,
    Connector,
    Gives,
    billed_in,
    kept_settings,
    more_addresses,
    provider,
    signer_of,
)
from plimsoll.sources.logs.agent import agent_named, agent_names

STALE_AFTER = timedelta(hours=24)

AGENTS_GIVE = Gives(tokens=True, per_model=True, per_project=True, hourly=True)


def add_source(
    ledger: Ledger,
    vault: Vault,
    word: str,
    *,
    name: str,
    key: Secret | None,
    base_url: str | None,
    settings: Mapping[str, str],
) -> Source:
    """Set up a provider account: its key's shape is checked, and kept before the source counts.

    The setting `explains` names a source whose traffic it only explains, whatever the provider.

    `key` may be None where the environment holds one, and for an agent, whose logs need none.
    Raises `WrongUse`, `WrongKeyKind`, `NoKey` or a `VaultProblem`; nothing is set up then.
    """
    settings, payer = overlaps.take_explains(settings)
    settings, watched = balance_marks.take_watch(settings)
    balance_marks.read_watch(watched, Watch())
    if payer:
        catalog.source_named(ledger, payer)
    if word in agent_names():
        balance_marks.refuse_watch(name, watched)
        source = agents.add_agent(ledger, word, name=name, base_url=base_url, settings=settings)
    else:
        source = _add_account(ledger, vault, word, name, key, base_url, settings)
    if payer:
        overlaps.explain(ledger, source.name, payer)
    balance_marks.set_watch(ledger, source.name, watched)
    return source


def _add_account(  # noqa: PLR0917 - as `add_source` was given them
    ledger: Ledger,
    vault: Vault,
    word: str,
    name: str,
    key: Secret | None,
    base_url: str | None,
    settings: Mapping[str, str],
) -> Source:
    connector = provider(word)
    name = checked_name(ledger, name)
    address = _checked_address(base_url)
    check_settings(connector.title, settings, known=setting_names(connector))
    check_values(connector, settings, address)
    settings = kept_settings(connector, settings)
    connector.address(settings, address)
    held = vault.environment_key(name)
    chosen = held or key
    if chosen is None:
        raise NoKey(
            say("{name} needs the {label}.", name=name, label=connector.key_shape.label),
            remedy=say("Give it at the prompt, or set {variable}.", variable=variable_of(name)),
        )
    connector.key_shape.check(chosen)
    source = catalog.add_source(
        ledger,
        name=name,
        connector=connector.name,
        base_url=address,
        settings=tuple(sorted(settings.items())),
        key_tail="" if held else chosen.tail,
    )
    if held is None:
        try:
            vault.put(source.uid, chosen)
        except BaseException:
            catalog.remove_source(ledger, source.id, forget=True)
            raise
    return source


def edit_source(
    ledger: Ledger,
    vault: Vault,
    name: str,
    *,
    new_name: str | None,
    key: Secret | None,
    base_url: str | None,
    settings: Mapping[str, str] | None = None,
) -> Source:
    """Change a source's name, key, address or settings. A new address needs the key again, also
    where it is a setting that leads to it. The setting `explains` names a source whose traffic it
    only explains, or nothing where it counts by itself, whatever the provider.
    """
    settings, payer = overlaps.take_explains(settings)
    settings, watched = balance_marks.take_watch(settings)
    source = catalog.source_named(ledger, name)
    if source.kind == agents.KIND:
        balance_marks.refuse_watch(name, watched)
    balance_marks.set_watch(ledger, name, watched)
    if payer is not None:
        overlaps.explain(ledger, name, payer)
    if source.kind in {agents.KIND, imported.KIND}:
        edit = agents.edit_agent if source.kind == agents.KIND else imported.edit_imported
        return edit(
            ledger, source, new_name=new_name, settings=settings, keyed=bool(key or base_url)
        )
    connector = provider(source.connector)
    address = _checked_address(base_url) if base_url else source.base_url
    check_settings(connector.title, settings, known=setting_names(connector))
    # An empty value takes a setting back.
    settings = kept_settings(connector, settings)
    merged = {name: v for name, v in (dict(source.settings) | dict(settings)).items() if v}
    check_values(connector, merged, address)
    moved = connector.address(merged, address) != _address_of(source, connector)
    if moved and key is None and vault.environment_key(source.name) is None:
        raise NoKey(
            say("A new address needs the key of {name} again.", name=name),
            remedy=say("A key goes only to the address that it was given for."),
        )
    if key is not None:
        connector.key_shape.check(key)
    renamed = checked_new_name(ledger, source.name, new_name)
    tail = source.key_tail
    if key is not None:
        vault.put(source.uid, key)
        forget_failures(ledger, source.id)
        tail = key.tail
    elif moved and tail:
        # The environment's key goes to the new address; the one that the keyring was given for the
        # old address must not, when the variable is gone one day.
        vault.delete(source.uid)
        tail = ""
    changed = catalog.change_source(
        ledger,
        source.id,
        name=renamed,
        base_url=address,
        settings=tuple(sorted(merged.items())),
        key_tail=tail,
    )
    billed = [billed_in(connector, dict(s.settings), s.base_url) for s in (source, changed)]
    if billed[0] != billed[1]:
        make_stale(ledger, source.id)  # another price list holds for what is stored
    return changed


def remove_source(ledger: Ledger, vault: Vault, name: str, *, forget: bool) -> str:
    """Stop asking a source and delete its key; its figures stay unless `forget`.

    Where there is no keyring any more, the source goes all the same, and what is given back says
    that its key could not be deleted; it is empty where all is done. Another `VaultProblem` is
    raised before anything is changed: it can be mended.
    """
    source = catalog.source_named(ledger, name)
    note = ""
    if source.key_tail:
        try:
            vault.delete(source.uid)
        except VaultMissing as problem:
            note = say(
                "The key of {name} (…{key_tail}) could not be deleted: {sentence} "
                "Where a keyring still holds it, remove it there, or revoke the key "
                "in the provider's console.",
                name=source.name,
                key_tail=source.key_tail,
                sentence=problem.sentence,
            )
    catalog.remove_source(ledger, source.id, forget=forget)
    return note


def opener(
    source: Source, vault: Vault, *, clock: Clock, cancelled: Callable[[], bool]
) -> Callable[[], AbstractContextManager[Account]]:
    """How to open a source's account: reads the key, checks its shape, opens the one door."""

    @contextmanager
    def open_account() -> Iterator[Account]:
        from plimsoll.sources.http import Door

        connector, settings = provider(source.connector), dict(source.settings)
        key = _key_of(source, vault, connector)
        with Door(
            base_url=_address_of(source, connector),
            more=more_addresses(connector, settings, source.base_url),
            key=key,
            key_header=signer_of(connector, settings),
            headers=connector.headers,
            title=connector.title,
            clock=clock,
            cancelled=cancelled,
        ) as door:
            yield connector.open(door, settings)

    return open_account


def _key_of(source: Source, vault: Vault, connector: Connector) -> Secret:
    key = vault.get(source.uid, source.name)
    if key is None:
        raise NoKey(
            say("There is no key for {name}.", name=source.name),
            remedy=say(
                "Give it again with `plimsoll source edit`, or set {variable}.",
                variable=variable_of(source.name),
            ),
        )
    hide_from_now_on(key)
    connector.key_shape.check(key)
    return key


def check_account(
    ledger: Ledger, vault: Vault, name: str, *, clock: Clock, cancelled: Callable[[], bool]
) -> tuple[TestLine, ...]:
    """Ask a source's account cheaply what its key can read, or look for an agent's logs."""
    source = catalog.source_named(ledger, name)
    if source.kind == agents.KIND:
        return agents.examine(source, this_place())
    if source.kind == imported.KIND:
        return imported.examine(ledger, source)
    with opener(source, vault, clock=clock, cancelled=cancelled)() as account:
        lines = [
            TestLine(line.ok, line.what, line.remedy, line.essential) for line in account.test()
        ]
    warning = about_of(provider(source.connector)).undocumented
    return (*lines, *([TestLine(True, warning, essential=False)] if warning else []))


def _checked_address(base_url: str | None) -> str | None:
    if base_url is None:
        return None
    from plimsoll.sources.http import check_base_url

    return check_base_url(base_url)


def _address_of(source: Source, connector: Connector) -> str:
    return connector.address(dict(source.settings), source.base_url)


def source_cards(ledger: Ledger, vault: Vault, *, now: datetime) -> tuple[SourceCard, ...]:
    """Every source as its card shows it; asks neither the network nor the keyring."""
    balances, quotas = catalog.latest_balances(ledger), latest_quotas(ledger)
    payers = overlaps.payers_by_name(ledger)
    watched = watches(ledger)
    return tuple(
        replace(
            _source_card(
                ledger, vault, source, balances, explains=payers.get(source.name, ()), now=now
            ),
            quotas=quotas.get(source.id, ()),
            settings=source.settings,
            watch=None if source.kind == agents.KIND else watched.get(source.name, Watch()),
        )
        for source in catalog.sources(ledger)
    )


def _source_card(
    ledger: Ledger,
    vault: Vault,
    source: Source,
    balances: Sequence[catalog.Balance],
    *,
    explains: tuple[str, ...],
    now: datetime,
) -> SourceCard:
    run = catalog.last_run(ledger, source.id)
    success = catalog.last_success(ledger, source.id)
    runs = [run for runs in usage.coverage(ledger, source.id).values() for run in runs]
    failed = run is not None and run.ended_at is not None and not run.ok
    counts = usage.counts(ledger, source.id)
    asked = None
    if source.kind == agents.KIND:
        asked = money_question(ledger, source, this_place(), today=utc_day(now))
    return SourceCard(
        name=source.name,
        provider=source.connector,
        **_ways(ledger, vault, source),
        state=_state(
            failed=failed,
            success=success,
            now=now,
            can_age=source.kind != imported.KIND,
        ),
        first_day=usage.first_day_with_content(ledger, source.id),
        last_day=max((r.last for r in runs), default=None),
        last_sync=success,
        failure=run.sentence if run is not None and failed else "",
        failed_at=run.ended_at if run is not None and failed else None,
        not_before=run.not_before if run is not None and failed else None,
        records=counts.records,
        charges=counts.charges,
        balances=tuple(
            (b.amount.currency, b.amount.nanos) for b in balances if b.source == source.name
        ),
        explains=explains,
        money=dict(source.settings).get(MONEY, ""),
        money_question=asked,
        fields=agents.FIELDS if source.kind == agents.KIND else (),
        note=agents.UNKNOWN_MONEY if asked is not None and not asked.asks_account else "",
    )


class _Ways(TypedDict):
    """The fields of a card that say where figures come from."""

    title: str
    base_url: str
    default_base_url: bool
    key_tail: str
    key_place: str
    gives: tuple[str, ...]
    costs_money: str


def _ways(ledger: Ledger, vault: Vault, source: Source) -> _Ways:
    if source.kind == imported.KIND:
        counts = usage.counts(ledger, source.id)
        files = imported_files(ledger, source.id)
        return _Ways(
            title=imported.title_of(source),
            base_url=files[0].name if files else "",
            default_base_url=not files,
            key_tail="",
            key_place="file",
            gives=gives_in_words(Gives(tokens=counts.records > 0, money=counts.charges > 0)),
            costs_money="",
        )
    if source.kind == agents.KIND:
        settings = dict(source.settings)
        return _Ways(
            title=agent_named(source.connector).title,
            base_url=settings.get("root", ""),
            default_base_url="root" not in settings,
            key_tail="",
            key_place="logs",
            gives=gives_in_words(AGENTS_GIVE),
            costs_money="",
        )
    connector = provider(source.connector)
    held = _is_in_environment(vault, source.name)
    return _Ways(
        title=connector.title,
        base_url=_address_of(source, connector),
        default_base_url=source.base_url is None,
        key_tail="" if held else source.key_tail,
        key_place="environment" if held else vault.home if source.key_tail else "none",
        gives=gives_in_words(connector.gives),
        costs_money=about_of(connector).costs_money,
    )


def _is_in_environment(vault: Vault, name: str) -> bool:
    """Whether the environment speaks for a source, be it with something that is no key."""
    try:
        return vault.environment_key(name) is not None
    except NoKey:
        return True


def _state(*, failed: bool, success: datetime | None, now: datetime, can_age: bool) -> SourceState:
    if failed:
        return SourceState.FAILED
    if success is None:
        return SourceState.NEW
    is_old = can_age and now - success > STALE_AFTER
    return SourceState.STALE if is_old else SourceState.FRESH
