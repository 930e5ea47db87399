"""A plugin of pytest, and values for tests: what takes long is run whole only with THOROUGH=1 in the environment.

`@pytest.mark.thorough` is for a test that another, cheaper one nearly makes needless; `@pytest.mark.thorough(every=3)`
for one with many cases that each take long, of which the first of every three is enough for a quick answer. What is
left out is skipped, and says so; a test that is asked for by its name (`pytest FILE::TEST`) is always run.
"""

import os
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import pytest

Thing = TypeVar("Thing")

THOROUGH = bool(os.environ.get("THOROUGH"))
LEFT_OUT = pytest.mark.skip(reason="takes long: it is run with THOROUGH=1 in the environment")


def every(step: int, things: Sequence[Thing]) -> list[Thing]:
    """All things if tests are to be thorough, else each `step`-th, from the first on."""
    return list(things) if THOROUGH else list(things[::step])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what takes long, unless it is asked for."""
    if THOROUGH or any("::" in name for name in config.args):
        return
    cases: Counter[str] = Counter()
    for item in items:
        if marker := item.get_closest_marker("thorough"):
            test = item.nodeid.partition("[")[0]
            if not marker.kwargs or cases[test] % marker.kwargs["every"]:
                item.add_marker(LEFT_OUT)
            cases[test] += 1
