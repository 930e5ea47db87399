"""Random programs for the toy scheduler, and all their schedules."""

import random
from collections import Counter
from typing import Any, cast

from interleavings.engine.scenario import Run, Scenario
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.search import Search
from interleavings.engine.split import Split
from tests.support.toy_scheduler import Program, ToyScheduler


def explore(programs: dict[str, Program], *, prune: bool, split: Split | None = None) -> tuple[list[Run], ToyScheduler]:
    """All runs, or those of the parts that the split takes; each with what it ended with; and the scheduler of them."""
    scheduler = ToyScheduler(programs)
    scenario = Scenario(tuple(programs), begin=dict, observe=lambda _ended: scheduler.end(), is_step=lambda _sql: True)
    search = Search(scenario, cast(Scheduler, scheduler), prune=prune, split=split)
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
