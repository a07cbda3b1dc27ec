"""Homes of all agents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from agent_homes import HOMES as FIRST
from agent_homes import Home
from more_homes import MORE

HOMES: Mapping[str, Callable[[], Home]] = {**FIRST, **MORE}

__all__ = ["HOMES"]
