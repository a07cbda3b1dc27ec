"""The README names every export that is known, and no other."""

from __future__ import annotations

from pathlib import Path

from plimsoll.sources.imports import formats

README = Path(__file__).resolve().parent.parent / "README.md"


def test_the_readme_names_every_export_that_is_known() -> None:
    readme = README.read_text(encoding="utf-8")
    table = readme.partition("| export | where to get it |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    named = {title.strip() for row in rows for title in row.split(",")}
    assert named == {made.title for made in formats() if "refused" not in made.title}
