"""The README's table of coding agents is what each agent says of itself."""

from __future__ import annotations

from pathlib import Path

from plimsoll.sources.logs.agent import Place, agent_named, agent_names

README = Path(__file__).parents[1] / "README.md"
HOME = Path("/home/you")
MOST = 3
"""An agent that works in many editors has a folder in each."""


def row(word: str) -> str:
    """One agent's line, from its own declaration; places as on Linux, without variables set."""
    agent = agent_named(word)
    roots = agent.roots(Place({}, HOME, "linux"), ())
    told = [f"`{root.as_posix().replace(HOME.as_posix(), '~')}`" for root in roots]
    places = ", ".join(told[:MOST]) + (" and more" if len(told) > MOST else "")
    missing = " ".join(agent.missing.split()) or "nothing that is known"
    return (
        f"| {agent.title} | `{word}` | {places or 'you name it with `--set root=`'} | {missing} |"
    )


def test_every_agent_has_its_line_and_no_other_has_one() -> None:
    text = README.read_text(encoding="utf-8")
    titles = "| agent | word | usual place of its logs | what its logs do not tell |"
    head = f"{titles}\n|---|---|---|---|\n"
    _, found, rest = text.partition(head)
    assert found, "the table has gone"
    table = rest.partition("\n\n")[0].splitlines()
    wanted = sorted((row(word) for word in agent_names()), key=str.casefold)
    assert table == wanted, "write it as:\n" + "\n".join(wanted)
