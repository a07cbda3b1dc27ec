"""A judge of requests and answers by an OpenAPI document: what is allowed, what a body must be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class Contract:
    """One OpenAPI 3.1 document."""

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Contract:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        with path.open(encoding="utf-8") as text:
            return cls(yaml.load(text, Loader=loader))

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """The node that a local reference stands for."""
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))), path)
            for path in self.document["paths"]
        ]

    def operation(self, path: str) -> dict[str, Any]:
        """The GET operation that a path is for."""
        for pattern, template in self._templates:
            if pattern.fullmatch(path):
                return self.document["paths"][template]["get"]  # type: ignore[no-any-return]
        raise AssertionError(f"the contract has no {path}")

    def answer_schema(self, path: str) -> dict[str, Any]:
        content = self.operation(path)["responses"]["200"]["content"]["application/json"]
        return self.resolved(content["schema"])

    def example(self, path: str) -> dict[str, Any]:
        content = self.operation(path)["responses"]["200"]["content"]["application/json"]
        (example,) = content["examples"].values()
        return example["value"]  # type: ignore[no-any-return]

    def faults_of_answer(self, path: str, body: object) -> list[str]:
        schema = {**self.answer_schema(path), "components": self.document["components"]}
        return [error.message for error in Draft202012Validator(schema).iter_errors(body)]

    def faults_of_request(self, path: str, params: Iterable[tuple[str, str]]) -> list[str]:
        """What the contract does not allow of a request."""
        declared = {
            p["name"]: p
            for p in map(self.resolved, self.operation(path)["parameters"])
            if p["in"] == "query"
        }
        given: dict[str, list[str]] = {}
        for name, value in params:
            given.setdefault(name, []).append(value)
        faults = [f"{n} is not declared" for n in given.keys() - declared.keys()]
        faults += [
            f"{n} is required" for n, p in declared.items() if p["required"] and n not in given
        ]
        for name in given.keys() & declared.keys():
            faults += [f"{name}: {f}" for f in _faults(declared[name]["schema"], given[name])]
        return faults + list(_too_many_buckets(path, given))


def _faults(schema: dict[str, Any], texts: list[str]) -> list[str]:
    """Read query texts as the schema's type would, and hold them against it."""
    kinds = {
        "integer": lambda t: int(t) if re.fullmatch(r"-?\d+", t) else t,
        "boolean": lambda t: {"true": True, "false": False}.get(t, t),
    }
    if schema["type"] == "array":
        value: object = texts
    elif len(texts) > 1:
        return ["given more than once"]
    else:
        value = kinds.get(schema["type"], lambda t: t)(texts[0])
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


def _too_many_buckets(path: str, given: dict[str, list[str]]) -> Iterator[str]:
    """The limits that the contract gives in words: 31 days, 168 hours a page of usage."""
    if "/usage/" in path:
        most = {"1d": 31, "1h": 168, "1m": 1440}[given.get("bucket_width", ["1d"])[0]]
        if int(given.get("limit", ["1"])[0]) > most:
            yield f"limit: at most {most} buckets of this width"
