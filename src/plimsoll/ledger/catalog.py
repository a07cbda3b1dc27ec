"""All that the archive keeps beside figures, in one place to import from: sources with their runs,
names and balances; budgets with the alerts that they fired; restated days.
"""

from plimsoll.ledger.account_changes import change_source, remove_source
from plimsoll.ledger.accounts import (
    Source,
    add_source,
    set_endpoints,
    source_named,
    sources,
)
from plimsoll.ledger.budgets import alerts, budgets, remove_budget, save_budget
from plimsoll.ledger.runs import (
    Balance,
    Run,
    finish_run,
    last_run,
    last_success,
    latest_balances,
    save_balances,
    save_names,
    start_run,
)
from plimsoll.ledger.usage import Restatement, restatements

__all__ = [
    "Balance",
    "Restatement",
    "Run",
    "Source",
    "add_source",
    "alerts",
    "budgets",
    "change_source",
    "finish_run",
    "last_run",
    "last_success",
    "latest_balances",
    "remove_budget",
    "remove_source",
    "restatements",
    "save_balances",
    "save_budget",
    "save_names",
    "set_endpoints",
    "source_named",
    "sources",
    "start_run",
]
