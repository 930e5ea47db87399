"""The parts of a split tree, on random programs, no database: together they are the whole, and none comes twice."""

import random
from collections.abc import Callable

import pytest

from interleavings.engine import search as module
from interleavings.engine.scenario import Run
from interleavings.engine.split import Split, split_depth
from tests.support.random_programs import draw_programs, explore, weigh
from tests.support.thorough import THOROUGH
from tests.support.toy_scheduler import Program

SEEDS = range(2000 if THOROUGH else 20)
MOST_SCHEDULES = 100


@pytest.fixture(autouse=True)
def _no_database(monkeypatch):
    monkeypatch.setattr(module, "_may_slow", lambda: True)


def split_among(programs: dict[str, Program], count: int, *, prune: bool, depth: int) -> list[list[Run]]:
    """The runs of so many searches, which take the parts in turn. Each must have been asked for the same parts."""
    parts: list[list[str]] = [[] for _ in range(count)]

    def takes(number: int) -> Callable[[str], bool]:
        def take(beginning: str) -> bool:
            parts[number].append(beginning)
            return len(parts[number]) % count == number

        return take

    runs = [explore(programs, prune=prune, split=Split(depth, takes(number)))[0] for number in range(count)]
    assert all(asked == parts[0] for asked in parts)
    assert len(set(parts[0])) == len(parts[0])
    return runs


def draw_small_programs(draw: random.Random) -> dict[str, Program]:
    while True:
        programs = draw_programs(draw)
        pruned, _ = explore(programs, prune=True)
        if 1 < sum(run.weight for run in pruned) < MOST_SCHEDULES:
            return programs


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parts_are_the_whole_and_nothing_is_run_twice(seed):
    draw = random.Random(seed)
    programs = draw_small_programs(draw)
    count, depth = draw.randint(1, 4), draw.randint(0, 5)

    for prune in (True, False):
        whole, _ = explore(programs, prune=prune)
        parts = split_among(programs, count, prune=prune, depth=depth)

        runs = [run for part in parts for run in part]
        assert weigh(runs) == weigh(whole)
        assert len(runs) == len(whole)
        assert len({run.schedule for run in runs}) == len(runs)


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_what_is_run_in_a_part_does_not_depend_on_who_runs_the_others(seed):
    programs = draw_small_programs(random.Random(seed))

    alone, _ = explore(programs, prune=True, split=Split(2, lambda _beginning: True))
    in_three = split_among(programs, 3, prune=True, depth=2)

    assert {run.schedule for run in alone} == {run.schedule for part in in_three for run in part}


def test_part_that_is_not_taken_is_left_where_it_begins():
    programs: dict[str, Program] = {"a": ["w x"] * 5, "b": ["w x"] * 5}
    runs, scheduler = explore(programs, prune=True, split=Split(2, lambda _beginning: False))

    assert runs == []
    assert (scheduler.begin_count, len(scheduler.trace)) == (4, 2)


def test_there_are_parts_for_several_processes_however_many_sessions():
    assert [count ** split_depth(count) for count in range(2, 7)] == [32, 81, 64, 125, 216]
