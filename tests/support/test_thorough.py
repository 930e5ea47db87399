"""What takes long is left out, unless it is asked for."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.support import thorough

ALL = ["cheap", "third[slow]", "third[1]", "third[2]", "third[3]", "third[4]", "never"]
MARKERS = {"third": pytest.mark.thorough(every=3).mark, "never": pytest.mark.thorough.mark}


class Item:
    """As much of a collected test as the plugin looks at."""

    def __init__(self, name: str) -> None:
        self.nodeid = f"tests/test_this.py::{name}"
        self.is_skipped = False

    def iter_markers(self, name: str) -> Iterator[pytest.Mark]:
        assert name == "thorough"
        test, _, case = self.nodeid.partition("::")[2].partition("[")
        yield from (MARKERS[name] for name in [test, *(["never"] if case == "slow]" else [])] if name in MARKERS)

    def add_marker(self, marker: pytest.MarkDecorator) -> None:
        assert marker.name == "skip"
        self.is_skipped = True


def run_of(*arguments: str) -> list[str]:
    """The tests that `pytest ARGUMENTS` would run."""
    items = {name: Item(name) for name in ALL}
    thorough.pytest_collection_modifyitems(SimpleNamespace(args=arguments), [*items.values()])
    return [name for name, item in items.items() if not item.is_skipped]


@pytest.fixture(autouse=True)
def _without_the_variable(monkeypatch):
    monkeypatch.setattr(thorough, "THOROUGH", False)


def test_first_case_of_every_three_is_run_and_what_takes_long_is_not():
    assert run_of("tests") == ["cheap", "third[1]", "third[4]"]


def test_what_is_asked_for_by_its_name_is_run():
    assert run_of("tests/test_this.py::never") == ALL


def test_with_the_variable_everything_is_run(monkeypatch):
    monkeypatch.setattr(thorough, "THOROUGH", True)

    assert run_of("tests") == ALL


def test_cases_that_are_slow_are_named():
    params = thorough.slow([1, 2], ["2"], name=str)

    assert [(param.id, len(param.marks)) for param in params] == [("1", 0), ("2", 1)]
    with pytest.raises(ValueError, match="None has such a name: 3"):
        thorough.slow([1, 2], ["3"], name=str)
