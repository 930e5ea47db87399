"""A plugin of pytest, and values for tests: what takes long is run whole only with THOROUGH=1 in the environment.

`@pytest.mark.thorough` is for a test that another, cheaper one nearly makes needless; `@pytest.mark.thorough(every=3)`
for one with many cases that each take long, of which the first of every three is enough for a quick answer. A case that
takes as long as ten others has the first one for itself: `pytest.param(..., marks=pytest.mark.thorough)`, or
`slow(things, name=..., names={...})`. What is left out is skipped, and says so; a test that is asked for by its name
(`pytest FILE::TEST`) is always run.
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

import pytest

Thing = TypeVar("Thing")

THOROUGH = bool(os.environ.get("THOROUGH"))
LEFT_OUT = pytest.mark.skip(reason="takes long: it is run with THOROUGH=1 in the environment")


def every(step: int, things: Sequence[Thing]) -> list[Thing]:
    """All things if tests are to be thorough, else each `step`-th, from the first on."""
    return list(things) if THOROUGH else list(things[::step])


def slow(things: Iterable[Thing], names: Collection[str], *, name: Callable[[Thing], str]) -> list[Any]:
    """Parameters of a test. Those of these names are for thorough tests. ValueError: a name belongs to none."""
    params = {name(thing): thing for thing in things}
    if unknown := set(names) - params.keys():
        raise ValueError(f"None has such a name: {', '.join(sorted(unknown))}.")
    marks = {one: [pytest.mark.thorough] if one in names else [] for one in params}
    return [pytest.param(thing, marks=marks[one], id=one) for one, thing in params.items()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what takes long, unless it is asked for."""
    if THOROUGH or any("::" in name for name in config.args):
        return
    cases: Counter[str] = Counter()
    for item in items:
        markers = [marker.kwargs for marker in item.iter_markers("thorough")]
        if {} in markers:
            item.add_marker(LEFT_OUT)
        elif markers:
            test = item.nodeid.partition("[")[0]
            if cases[test] % markers[0]["every"]:
                item.add_marker(LEFT_OUT)
            cases[test] += 1
