"""A session that does not do the same again gets no proof, but one sentence."""

import random

import pytest

from accounts.errors import BankError
from interleavings.engine.repeatability import find_contradiction

TWO_TRANSFERS = {"transfers": "1>2:30,1>2:5", "audits": 0}
CROSSING = {"transfers": "1>2:30,2>1:5", "audits": 0}


@pytest.mark.parametrize("prune", [True, False])
@pytest.mark.parametrize("options", [CROSSING, {}])
def test_error_locks_in_random_order(explore, prune, options):
    random.seed(1)  # with which not all orders are the same
    with pytest.raises(BankError) as refusal:
        explore("my/random_order", "row_lock", prune=prune, **options)

    assert "is not the same in two runs that began alike (the same, with other values)" in str(refusal.value)
    assert str(refusal.value).endswith("a random order, the clock, something that a module keeps.")


def test_error_what_a_module_keeps_decides_what_is_read(explore):
    with pytest.raises(BankError, match="depends on what another session did, but on no row and no lock"):
        explore("my/module_cache", **TWO_TRANSFERS)


@pytest.mark.thorough
def test_what_a_module_keeps_can_be_explored_without_pruning(explore):
    found = explore("my/module_cache", prune=False, **TWO_TRANSFERS)

    assert found["exhaustive"]
    assert found["lost_updates"] == found["errors"] == 0


def test_what_a_module_keeps_does_no_harm_where_processes_are_separate(explore):
    assert explore("my/module_cache", processes="separate", **TWO_TRANSFERS)["exhaustive"]


def test_values_that_are_new_in_each_run_are_the_same(explore):
    """my/hostile/saves_order writes the time, and my/hostile/savepoint savepoints that are counted."""
    assert explore("my/hostile/saves_order", "no_lock")["exhaustive"]
    assert explore("row_lock", "my/hostile/savepoint")["exhaustive"]


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ({("t", 1): "SELECT 0"}, {("t", 1): "SELECT 0", ("a", 1): "COMMIT"}, ""),
        ({("t", 1): "SELECT 0"}, {("t", 2): "COMMIT"}, ""),
        (
            {("t", 1): "SELECT 0"},
            {("t", 1): ""},
            "Session t: it does not do the same in two processes (its end, and SELECT 0, after the same).",
        ),
    ],
)
def test_what_two_processes_saw_is_held_against_each_other(one, other, sentence):
    assert find_contradiction(one, other) == sentence
