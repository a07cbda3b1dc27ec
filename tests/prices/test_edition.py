"""Which prices are in use is told without reading them, and told right."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

from plimsoll.prices import edition, overlay


def test_the_shipped_list_is_named_by_its_newest_price() -> None:
    newest = max(row.checked for row in overlay.rows() if row.checked)
    assert edition.overlay() == f"Plimsoll's list of {newest}"


def test_the_package_is_named_by_its_installed_version() -> None:
    assert edition.listed() == f"genai-prices {version('genai-prices')}"


def test_telling_the_edition_reads_no_price() -> None:
    code = (
        "import sys; from plimsoll.prices import edition; edition.listed(), edition.overlay(); "
        "heavy = {'genai_prices', 'tomllib', 'importlib.metadata', 'plimsoll.prices.book'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
