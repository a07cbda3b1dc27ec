"""The Secret Service (Linux's keyring) looked at without opening any of its dialogs.

`keyring` unlocks the default collection, or even creates it, in order to read; both ask the user.
Attributes can be read while everything is locked: https://specifications.freedesktop.org/secret-service
Both functions raise whatever secretstorage raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Literal

_DEFAULT = "/org/freedesktop/secrets/aliases/default"


def collection_state() -> Literal["none yet", "locked", "unlocked"]:
    """The default collection as it is."""
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException

    with closing(secretstorage.dbus_init()) as bus:
        try:
            collection = secretstorage.Collection(bus, _DEFAULT)
        except ItemNotFoundException:
            return "none yet"
        return "locked" if collection.is_locked() else "unlocked"


def holds(attributes: Mapping[str, str]) -> bool:
    """Whether an item with these attributes is there, locked or not."""
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        return next(secretstorage.search_items(bus, dict(attributes)), None) is not None
