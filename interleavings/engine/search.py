"""Runs every schedule of a scenario, or some drawn at random: depth-first search by replay, with sleep sets.

The schedules are the paths of a tree. A node is a point of a schedule, and the sessions that stand at a gate there are
its choices. A session that waits is no choice, so only schedules that can happen are run. A database cannot be set back
to an inner node; so each schedule is run from the beginning, along the choices that lead to a node with one left
("stateless model checking": Godefroid, Model Checking for Programming Languages using VeriSoft, 1997).

Pruning follows Godefroid, Partial-Order Methods for the Verification of Concurrent Systems (1996), chapter 5, *sleep
sets*:

1. Two steps are independent if neither touches the other (footprint.py): in either order they end the same.
2. When all schedules through one choice of a node have been run, that session *sleeps* in the nodes below the node's
   next choices: its step is remembered, and is not taken there.
3. It sleeps on below every step that is independent of its own. Taken after them, its step would only lead to a
   schedule that differs from one that was run in the order of independent steps.
4. A step that touches it wakes it.

So of all schedules that differ only in the order of independent steps, exactly one is run to its end; equivalence.py
counts how many it stands for. *Persistent sets*, the other half of that chapter, are not used: they need to know in
advance what a session will touch later, and here that is known only when it has run. Some runs are therefore left on
the way, because all that could go on sleep.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from interleavings.engine.equivalence import class_size
from interleavings.engine.footprint import Footprint
from interleavings.engine.scenario import Run, Scenario, finish
from interleavings.engine.scheduler import Scheduler

# How often in turn a search may meet nothing new. Where a step lets two sessions go on at once, the database decides
# which is faster. An outcome that was met once, and is not exhausted, may then have to be met again to go on below it.
# If it is met in only every third run, it is missed 20 times in turn once in 3,000 cases.
MAX_RUNS_WITHOUT_NEWS = 20

Outcome = tuple[str, ...]


@dataclass
class _Choice:
    """One session's step in one node: what it touched, and the nodes that it led to.

    These are several if the database decided differently in several runs.
    """

    footprint: Footprint
    children: dict[Outcome, "_Node"] = field(default_factory=dict)

    @property
    def is_exhausted(self) -> bool:
        return all(child.is_exhausted for child in self.children.values())


@dataclass
class _Node:
    """A point of a schedule."""

    sleeping: dict[str, Footprint]
    choices: dict[str, _Choice] = field(default_factory=dict)
    ready: list[str] | None = None  # None: it was not reached yet
    is_exhausted: bool = False

    def next_choice(self) -> str | None:
        """A session that can go on here, does not sleep, and below whose step something is left to run."""
        if self.is_exhausted:
            return None
        for name in self.ready or ():
            if name not in self.sleeping and not (name in self.choices and self.choices[name].is_exhausted):
                return name
        return None

    def child(self, name: str, footprint: Footprint, outcome: Outcome, *, prune: bool) -> "_Node":
        """The node after this step, new if the outcome is."""
        choice = self.choices.setdefault(name, _Choice(footprint))
        if outcome not in choice.children:
            tried = {other: choice.footprint for other, choice in self.choices.items() if other != name}
            candidates = self.sleeping | tried if prune else {}
            asleep = {other: its for other, its in candidates.items() if not its.touches(footprint)}
            choice.children[outcome] = _Node(asleep)
        return choice.children[outcome]

    def close(self) -> None:
        """Everything below it has been run; it need not be remembered."""
        self.is_exhausted = True
        for choice in self.choices.values():
            choice.children = dict.fromkeys(choice.children, _EXHAUSTED)


_EXHAUSTED = _Node({}, is_exhausted=True)


class Search:
    """All schedules of a scenario, one after the other. Then `is_exhausted` says whether that was all."""

    def __init__(self, scenario: Scenario, scheduler: Scheduler, *, prune: bool = True) -> None:
        self._scenario = scenario
        self._scheduler = scheduler
        self._prune = prune
        self._root = _Node({})
        self._closed_count = 0

    def runs(self) -> Iterator[Run]:
        """Every schedule, or with pruning one of each class of equivalent ones. Raises Fault as Scheduler.step does."""
        without_news = 0
        while not self._root.is_exhausted and without_news < MAX_RUNS_WITHOUT_NEWS:
            closed_before = self._closed_count
            run = self._run()
            if run is not None:
                yield run
            without_news = without_news + 1 if run is None and closed_before == self._closed_count else 0

    @property
    def is_exhausted(self) -> bool:
        """Whether every schedule that was met has been run to its end."""
        return self._root.is_exhausted

    def _run(self) -> Run | None:
        """One schedule, along choices that are left, to its end; None if all that could go on slept."""
        scheduler, node = self._scheduler, self._root
        path = [node]
        names: list[str] = []
        footprints: list[Footprint] = []
        is_raced = False
        scheduler.begin(self._scenario.begin())
        while ready := scheduler.ready():
            node.ready = ready
            name = node.next_choice()
            if name is None:
                break
            scheduler.step(name)
            names.append(name)
            footprints.append(scheduler.footprint)
            is_raced |= len(scheduler.freed) > 1
            node = node.child(name, scheduler.footprint, _outcome(scheduler), prune=self._prune)
            path.append(node)
        self._close_exhausted(path)
        if ready:
            scheduler.abandon()
            return None
        weight = class_size(names, footprints) if self._prune else 1
        return finish(scheduler, self._scenario, weight=weight, is_raced=is_raced)

    def _close_exhausted(self, path: list[_Node]) -> None:
        """Close the nodes of the path, from the end on, below which nothing is left to run."""
        for node in reversed(path):
            if node.next_choice() is not None:
                return
            self._closed_count += not node.is_exhausted
            node.close()


def _outcome(scheduler: Scheduler) -> Outcome:
    """What each session does after a step."""
    return tuple(f"{name} {session.state.value}" for name, session in scheduler.sessions.items())


def sample(scenario: Scenario, scheduler: Scheduler, *, seed: int) -> Iterator[Run]:
    """Schedules drawn at random, without end: each step evenly among the sessions that can take one."""
    draw = random.Random(seed).random
    while True:
        degree = 1.0
        is_raced = False
        scheduler.begin(scenario.begin())
        while ready := scheduler.ready():
            degree *= len(ready)
            scheduler.step(ready[int(draw() * len(ready))])
            is_raced |= len(scheduler.freed) > 1
        yield finish(scheduler, scenario, degree=degree, is_raced=is_raced)
