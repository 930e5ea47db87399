"""Runs every schedule of a scenario, or some drawn at random, each from the beginning: depth-first replay.

A schedule is a path through a tree of choices. Whoever stands at a gate may be chosen; only such choices exist, so
only feasible schedules are run. Pruning is by sleep sets (Godefroid, Partial-Order Methods, 1996, chapter 5): when
all schedules that go on with one session have been run, that session *sleeps* beside the next choice for as long as
its step does not touch the steps taken instead, because that order would end the same.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from interleavings.engine.scenario import Run, Scenario, class_size, finish
from interleavings.engine.scheduler import Fault, Stage
from interleavings.statements.footprint import Footprint

MOST_STEPS = 200
MOST_TRIES = 20


@dataclass
class _Choice:
    """A session's step in one node of the tree: what it touched, and what came after it.

    There is more than one way on where the database decided who of two was faster.
    """

    footprint: Footprint
    children: dict[tuple[str, ...], "_Node"] = field(default_factory=dict)

    @property
    def is_exhausted(self) -> bool:
        return all(child.is_exhausted for child in self.children.values())


@dataclass
class _Node:
    sleeping: dict[str, Footprint]
    choices: dict[str, _Choice] = field(default_factory=dict)
    ready: list[str] | None = None
    is_exhausted: bool = False

    def next_choice(self, ready: list[str]) -> str | None:
        """A session whose way is not exhausted; None: all are, or sleep."""
        self.ready = ready
        return next(
            (
                name
                for name in ready
                if name not in self.sleeping and not (name in self.choices and self.choices[name].is_exhausted)
            ),
            None,
        )

    def child(self, name: str, footprint: Footprint, way: tuple[str, ...], *, prune: bool) -> "_Node":
        choice = self.choices.setdefault(name, _Choice(footprint))
        if way not in choice.children:
            earlier = self.sleeping | {
                other: tried.footprint for other, tried in self.choices.items() if other != name and prune
            }
            asleep = {other: its for other, its in earlier.items() if not its.touches(footprint)}
            choice.children[way] = _Node(asleep)
        return choice.children[way]


class Search:
    """All schedules of a scenario, one after the other. Then `is_exhausted` says whether that was all."""

    def __init__(self, scenario: Scenario, stage: Stage, *, prune: bool = True) -> None:
        self._scenario = scenario
        self._stage = stage
        self._prune = prune
        self._root = _Node({})
        self._closed_count = 0

    def runs(self) -> Iterator[Run]:
        """Every schedule, or with pruning one of each class of equivalent ones."""
        futile = 0
        while not self._root.is_exhausted and futile < MOST_TRIES:
            before = self._closed_count
            run = self._run()
            if run is not None:
                yield run
            # Where the database decides who is faster, a way that was seen once may be hard to meet again.
            futile = futile + 1 if run is None and before == self._closed_count else 0

    @property
    def is_exhausted(self) -> bool:
        """Whether every schedule that was met has been run to its end."""
        return self._root.is_exhausted

    def _run(self) -> Run | None:
        """One schedule to its end; None if it was left on the way."""
        stage, node = self._stage, self._root
        path: list[tuple[_Node, str]] = []
        footprints: list[Footprint] = []
        is_raced = False
        stage.begin(self._scenario.begin())
        while ready := stage.ready():
            name = node.next_choice(ready)
            if name is None:
                break
            take_step(stage, name)
            path.append((node, name))
            footprints.append(stage.footprint)
            is_raced |= len(stage.freed) > 1
            node = node.child(name, stage.footprint, _way(stage), prune=self._prune)
        self._close(node, path)
        if ready:
            stage.abandon()
            return None
        names = [name for _node, name in path]
        weight = class_size(names, footprints) if self._prune else 1
        return finish(stage, self._scenario, weight=weight, is_raced=is_raced)

    def _close(self, leaf: _Node, path: list[tuple[_Node, str]]) -> None:
        """Mark what has been run to its end, so that it is not run again; it need not be remembered any more."""
        node = leaf
        for parent in [*(node for node, _name in reversed(path)), None]:
            if node.ready is not None and node.next_choice(node.ready) is not None:
                return
            if not node.is_exhausted:
                self._closed_count += 1
            node.is_exhausted = True
            for choice in node.choices.values():
                choice.children = {way: _EXHAUSTED for way in choice.children}
            node = parent


_EXHAUSTED = _Node({}, is_exhausted=True)


def _way(stage: Stage) -> tuple[str, ...]:
    return tuple(f"{name} {session.state.value}" for name, session in stage.sessions.items())


def sample(scenario: Scenario, stage: Stage, *, seed: int) -> Iterator[Run]:
    """Schedules drawn at random, each step evenly among the sessions that can take one, without end."""
    draw = random.Random(seed).random
    while True:
        degree = 1.0
        is_raced = False
        stage.begin(scenario.begin())
        while ready := stage.ready():
            degree *= len(ready)
            take_step(stage, ready[int(draw() * len(ready))])
            is_raced |= len(stage.freed) > 1
        yield finish(stage, scenario, degree=degree, is_raced=is_raced)


def take_step(stage: Stage, name: str) -> bool:
    """Let the session take its step. Raises Fault if its steps have no end."""
    session = stage.sessions[name]
    if len(session.trace) >= MOST_STEPS:
        last = session.trace[-1]
        raise Fault(f"Session {name}: it has taken {MOST_STEPS} steps and does not end; the last was {last}.")
    return stage.step(name)
