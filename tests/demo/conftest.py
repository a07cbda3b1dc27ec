"""A simulated world for each test, as of a fixed present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from demo_askers import ANTHROPIC_KEY, NOW, OPENAI_KEY, Asker, World

from plimsoll.demo.anthropic_api import AnthropicApi
from plimsoll.demo.openai_api import OpenAIApi
from plimsoll.demo.story import Story
from plimsoll.demo.truth import Truth


@pytest.fixture(scope="session")
def world_at() -> Callable[..., World]:
    """Build a world at a present; stories are shared, since a story does not depend on it."""
    stories: dict[int, Story] = {}

    def build(now: datetime = NOW, *, seed: int = 7, analytics: bool = True) -> World:
        story = stories.setdefault(seed, Story(seed=seed, now=NOW))

        def clock() -> datetime:
            return now

        openai = OpenAIApi(story, key=OPENAI_KEY, now=clock)
        anthropic = AnthropicApi(story, key=ANTHROPIC_KEY, now=clock, analytics=analytics)
        return World(
            story,
            Asker(openai, {"authorization": f"Bearer {OPENAI_KEY}"}),
            Asker(anthropic, {"x-api-key": ANTHROPIC_KEY, "anthropic-version": "2023-06-01"}),
            Truth(story, now=clock, analytics=analytics),
        )

    return build


@pytest.fixture
def world(world_at: Callable[..., World]) -> World:
    return world_at()
