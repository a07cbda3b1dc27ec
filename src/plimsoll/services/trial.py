"""Trial: settings that say what answers mean, tried on one answer before they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import NoKey, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.secret import Secret
from plimsoll.ledger import accounts
from plimsoll.ledger.database import Ledger
from plimsoll.services.redaction import hide_from_now_on
from plimsoll.services.vault import Vault
from plimsoll.sources.base import CanBeTried, Tried, kept_settings, provider, signer_of

__all__ = ["Tried", "try_settings"]


def try_settings(
    ledger: Ledger,
    vault: Vault,
    word: str,
    settings: Mapping[str, str],
    *,
    key: Secret | None,
    name: str | None,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> Tried:
    """Ask a provider's endpoint once, with the `key` or with that of the source called `name`.

    The key that is kept goes only to the address that it was given for: another one needs it again.
    """
    from plimsoll.sources.http import Door

    connector = provider(word)
    settings = kept_settings(connector, settings)
    address = connector.address(settings, None)
    if key is None:
        key = _kept_key(ledger, vault, name, address)
    hide_from_now_on(key)
    connector.key_shape.check(key)
    with Door(
        base_url=address,
        key=key,
        key_header=signer_of(connector, settings),
        headers=connector.headers,
        title=connector.title,
        clock=clock,
        cancelled=cancelled,
    ) as door:
        account = connector.open(door, settings)
        if not isinstance(account, CanBeTried):
            raise WrongUse(say("There is nothing to try for {title}.", title=connector.title))
        return account.trial()


def _kept_key(ledger: Ledger, vault: Vault, name: str | None, address: str) -> Secret:
    if name is not None:
        source = accounts.source_named(ledger, name)
        connector = provider(source.connector)
        if connector.address(dict(source.settings), source.base_url) == address:
            key = vault.get(source.uid, source.name)
            if key is not None:
                return key
    raise NoKey(
        say("Trying it needs the key."), remedy=say("It goes only to the address in the mapping.")
    )
