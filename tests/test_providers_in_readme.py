"""The README's tables of providers are what each connector declares of itself.

Run this file to write them anew: `python3 tests/test_providers_in_readme.py`, with the program's
own Python.
"""

from __future__ import annotations

from pathlib import Path

from plimsoll.services.provider_cards import gives_in_words
from plimsoll.sources.about import Setting, about_of
from plimsoll.sources.base import KeyShape, provider, provider_names
from plimsoll.sources.without_api import WITHOUT_API

README = Path(__file__).parents[1] / "README.md"

PROVIDERS = "| provider | word | it gives | key | what to know |\n|---|---|---|---|---|\n"
WITHOUT = "| provider without an API for this | why | what to do instead |\n|---|---|---|\n"


def row(word: str) -> str:
    """One provider's line."""
    connector, about = provider(word), about_of(provider(word))
    shape = connector.key_shape
    told = (
        f"`--base-url`: {about.own_server}." if about.own_server else "",
        *(setting_words(setting) for setting in about.settings),
        about.figures,
        about.costs_money,
        about.undocumented,
        shape.needs,
    )
    cells = (
        connector.title,
        f"`{word}`",
        ", ".join(gives_in_words(connector.gives)),
        key_words(shape),
        " ".join(" ".join(sentence.split()) for sentence in told if sentence),
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def key_words(shape: KeyShape) -> str:
    """The key, with a link to where it is made, and how it begins."""
    starts = ", ".join(f"`{prefix}…`" for prefix in shape.prefixes if prefix and "{" not in prefix)
    halves = f", as `{':'.join(shape.pair)}`" if shape.pair else ""
    label = f"[{shape.label}]({shape.help_url})" if shape.help_url else shape.label
    return f"{label}{halves}" + (f" ({starts})" if starts else "")


def setting_words(setting: Setting) -> str:
    """How a setting is said."""
    values = [choice.value for choice in setting.choices] or [setting.example]
    words = " or ".join(f"`--set {setting.name}={value}`" for value in values)
    sentence = setting.sentence
    return f"{words}: {sentence}" if setting.required else f"{words}, if you like: {sentence}"


def table_below(head: str) -> list[str]:
    _, found, rest = README.read_text(encoding="utf-8").partition(head)
    assert found, "the table has gone"
    return rest.partition("\n\n")[0].splitlines()


def wanted_rows() -> list[str]:
    return sorted((row(word) for word in provider_names()), key=str.casefold)


def rows_without() -> list[str]:
    lines = (f"| {w.title} | {w.why} | {'; '.join(w.instead)} |" for w in WITHOUT_API)
    return sorted(lines, key=str.casefold)


def test_every_provider_has_its_line_and_no_other_has_one() -> None:
    assert table_below(PROVIDERS) == wanted_rows(), f"run {Path(__file__).name} to write it"


def test_every_provider_without_an_api_has_its_line() -> None:
    assert table_below(WITHOUT) == rows_without(), f"run {Path(__file__).name} to write it"


def test_nobody_is_said_to_have_an_api_and_none() -> None:
    titles = {provider(word).title for word in provider_names()}
    assert titles & {one.title for one in WITHOUT_API} == set()


def write() -> None:
    """Put both tables into the README as they should be."""
    text = README.read_text(encoding="utf-8")
    for head, rows in ((PROVIDERS, wanted_rows()), (WITHOUT, rows_without())):
        before, found, rest = text.partition(head)
        assert found, "the table has gone"
        _, _, after = rest.partition("\n\n")
        text = f"{before}{head}" + "\n".join(rows) + f"\n\n{after}"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
