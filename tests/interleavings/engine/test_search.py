"""Pruning on thousands of random programs, without a database: it leaves out nothing, and runs nothing twice."""

import random
from collections import Counter
from typing import Any, cast

import pytest

from interleavings.engine import search as module
from interleavings.engine.scenario import Run, Scenario
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.search import MIN_BEGINNINGS, Search
from tests.support.thorough import THOROUGH
from tests.support.toy_scheduler import Program, ToyScheduler

SEEDS = range(2000 if THOROUGH else 120)
MOST_SCHEDULES = 500 if THOROUGH else 300


@pytest.fixture(autouse=True)
def _no_database(monkeypatch):
    monkeypatch.setattr(module, "_may_slow", lambda: True)


def explore(programs: dict[str, Program], *, prune: bool) -> tuple[list[Run], ToyScheduler]:
    """All runs, each with what it ended with, and the scheduler of them."""
    scheduler = ToyScheduler(programs)
    scenario = Scenario(tuple(programs), begin=dict, observe=lambda _ended: scheduler.end(), is_step=lambda _sql: True)
    search = Search(scenario, cast(Scheduler, scheduler), prune=prune)
    runs = list(search.runs())
    assert search.is_exhausted
    return runs, scheduler


def weigh(runs: list[Run]) -> Counter[Any]:
    """How many schedules end with what."""
    counts: Counter[Any] = Counter()
    for run in runs:
        counts[run.observation] += run.weight
    return counts


def draw_programs(draw: random.Random) -> dict[str, Program]:
    """Two or three sessions, of one to three transactions and single statements each, on three things."""
    names = "abc"[: draw.choice([2, 3])]
    return {name: draw_program(draw, most=6 if len(names) == 2 else 4) for name in names}


def draw_program(draw: random.Random, *, most: int) -> Program:
    program: list[str] = []
    while len(program) < draw.randint(1, most):
        if draw.random() < 0.6:
            program += ["begin", *(draw_statement(draw, "rwld") for _ in range(draw.randint(1, 3))), "commit"]
        else:
            program.append(draw_statement(draw, "rw"))
    return program


def draw_statement(draw: random.Random, words: str) -> str:
    word = draw.choice(words)
    things = draw.sample("xyz", draw.randint(1, 2) if word == "l" else 1)
    return f"{word} {''.join(things)}"


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
