"""What the explorer finds in a scene: how many schedules reach the goal, and the shortest one that does."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from accounts.explorer.prepared import prepare
from accounts.scenes.catalogue import Scene
from interleavings.engine.scenario import write_schedule
from interleavings.engine.search import Search

_one_at_a_time = Lock()  # a class that claims the same at the same moment has it explored once


@dataclass(frozen=True)
class Solution:
    """Every schedule of a scene was run, or is equivalent to one that was."""

    schedule_count: int
    reached_count: int  #: how many of them reach the goal
    run_count: int
    shortest: str  #: the shortest schedule that reaches it; of several, the first in alphabetical order. May be empty


def solve(scene: Scene, *, prune: bool) -> Solution:
    """Run every schedule of the scene. Raises RuntimeError if that were not all: such a scene proves nothing.

    With `prune`, of schedules that differ only in the order of steps that do not touch each other one is run. All of
    them are equally long. But where a single step decides (Goal.by_step), that step may come earlier in another one:
    then only all schedules, not pruned, show the shortest beginning.
    """
    plan, goal = scene.plan, scene.goal
    schedule_count = reached_count = run_count = 0
    beginnings: list[tuple[int, str]] = []
    with prepare(plan) as prepared:
        search = Search(prepared.scenario, prepared.scheduler, prune=prune)
        for run in search.runs():
            run_count += 1
            schedule_count += run.weight
            place = goal.reached_at(run.steps, run)
            if place is not None:
                reached_count += run.weight
                beginnings.append((place, write_schedule(run.steps[:place])))
    if not search.is_exhausted:
        raise RuntimeError(f"Not every schedule of the scene {scene.name} was run.")
    return Solution(schedule_count, reached_count, run_count, min(beginnings, default=(0, ""))[1])


def proof_of(scene: Scene) -> Solution:
    """The explorer's own count, found at the first call in a process."""
    with _one_at_a_time:
        return _proof_of(scene)


@lru_cache(maxsize=64)
def _proof_of(scene: Scene) -> Solution:
    return solve(scene, prune=True)
