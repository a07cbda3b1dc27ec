"""Keys of others are known by how they begin, and one's own are let through."""

from __future__ import annotations

import pytest

from plimsoll.domain.errors import WrongKeyKind
from plimsoll.domain.secret import Secret
from plimsoll.sources.base import KeyShape, provider
from plimsoll.sources.key_looks import not_of

ANY = KeyShape("Nobody's key", ("",), not_of("Nobody"), "Any.", "https://nobody.example")
OWN = KeyShape(
    "Nobody's key", ("sk-",), not_of("Nobody", own=("sk-",)), "Any.", "https://n.example"
)


@pytest.mark.parametrize(
    "beginning", ["sk-ant-", "sk-proj-", "sk-or-v1-", "gsk_", "hf_", "AIza", "AKIA", "github_pat_"]
)
def test_keys_of_others_are_known_by_their_looks(beginning: str) -> None:
    for shape in (ANY, OWN):
        with pytest.raises(WrongKeyKind, match="Nothing was sent"):
            shape.check(Secret(f"{beginning}0123456789abcdef"))


def test_the_longest_beginning_decides() -> None:
    OWN.check(Secret("sk-0123456789abcdef"))
    with pytest.raises(WrongKeyKind, match="OpenRouter"):
        OWN.check(Secret("sk-or-v1-0123456789abcdef"))
    with pytest.raises(WrongKeyKind, match="another provider"):
        ANY.check(Secret("sk-0123456789abcdef"))
    ANY.check(Secret("0123456789abcdef"))


def test_poe_takes_its_keys_old_and_new_and_those_of_nobody_else() -> None:
    shape = provider("poe").key_shape
    shape.check(Secret("sk-poe-0123456789abcdefghijklmnopqrstuvwxyz-0123456"))
    shape.check(Secret("0123456789abcdefghijklmnopqrstuvwxyz-012345"))
    for other in ("sk-0123456789abcdef", "sk-proj-0123456789abcdef"):
        with pytest.raises(WrongKeyKind, match="Nothing was sent"):
            shape.check(Secret(other))
    with pytest.raises(WrongKeyKind, match="a key of Poe, not of Moonshot"):
        provider("moonshot").key_shape.check(Secret("sk-poe-0123456789abcdef"))


def test_a_login_token_is_no_key() -> None:
    for shape in (ANY, OWN):
        with pytest.raises(WrongKeyKind, match="login token"):
            shape.check(Secret("eyJhbGciOiJIUzI1NiJ9.e30.abc"))
