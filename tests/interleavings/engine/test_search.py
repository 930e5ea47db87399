"""Pruning on thousands of random programs, without a database: it leaves out nothing, and runs nothing twice."""

import random

import pytest

from interleavings.engine import search as module
from interleavings.engine.search import MIN_BEGINNINGS
from tests.support.random_programs import draw_programs, explore, weigh
from tests.support.thorough import THOROUGH

SEEDS = range(2000 if THOROUGH else 120)
MOST_SCHEDULES = 500 if THOROUGH else 300


@pytest.fixture(autouse=True)
def _no_database(monkeypatch):
    monkeypatch.setattr(module, "_may_slow", lambda: True)


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("seed", SEEDS)
def test_pruning_leaves_out_nothing_and_runs_nothing_twice(seed):
    draw = random.Random(seed)
    while True:
        programs = draw_programs(draw)
        pruned, _ = explore(programs, prune=True)
        if 1 < sum(run.weight for run in pruned) < MOST_SCHEDULES:
            break
    whole, _ = explore(programs, prune=False)

    assert weigh(pruned) == weigh(whole)


@pytest.mark.thorough
def test_nearly_every_run_comes_to_its_end(monkeypatch):
    monkeypatch.setattr(module, "MIN_BEGINNINGS", 0)
    draw = random.Random(1)
    run_count = begin_count = 0
    for _ in range(100):
        pruned, scheduler = explore(draw_programs(draw), prune=True)
        run_count += len(pruned)
        begin_count += scheduler.begin_count

    assert 500 < run_count <= begin_count < 1.1 * run_count


def test_independent_sessions_are_begun_once_for_all_their_schedules():
    """Sleep sets alone would begin a run for each step, and leave it."""
    program = ["r x"] * 10
    pruned, scheduler = explore({"a": program, "b": program}, prune=True)

    assert [run.weight for run in pruned] == [184756]
    assert scheduler.begin_count == MIN_BEGINNINGS


def test_wait_is_tried_from_both_sides():
    """The one that locks x first lets the other wait, or not."""
    program = ["begin", "l x", "commit"]
    pruned, _ = explore({"a": program, "b": program}, prune=True)

    assert sorted(str(run) for run in pruned) == ["a (b) a b", "a a b b", "b (a) b a", "b b a a"]
