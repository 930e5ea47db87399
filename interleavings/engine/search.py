"""Runs every schedule of a scenario, or some drawn at random: depth-first search by replay, with sleep sets.

The schedules are the paths of a tree. A node is a point of a schedule, and the sessions that stand at a gate there are
its choices. A session that waits is no choice, so only schedules that can happen are run. A database cannot be set back
to an inner node; so each schedule is run from the beginning, along the choices that lead to a node with one left
("stateless model checking": Godefroid, Model Checking for Programming Languages using VeriSoft, 1997).

Pruning runs one schedule of all those that differ only in the order of *independent* steps: neither touches the other
(footprint.py), so in either order they end the same. equivalence.py counts for how many schedules it stands. In each
node only those choices are run that are needed for that (*source sets*), and none that would repeat others (*sleep
sets*):

1. In a new node one session goes on, whichever.
2. After each step, the run says which earlier steps are in a race with it (order.py): these two could have come the
   other way round. In the node before the earlier one, a session that leads to that is *wanted*, if none is yet.
3. When all schedules through one choice of a node have been run, that session *sleeps* in the nodes below the node's
   next choices: its step is remembered, and is not taken there.
4. It sleeps on below every step that is independent of its own. Taken after them, its step would only lead to a
   schedule that differs from one that was run in the order of independent steps.
5. A step that touches it wakes it.

Exactly one schedule of each kind is run to its end. A run whose sessions all sleep is left on the way; it happens
rarely. (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 5: sleep sets.
Abdulla, Aronis, Jonsson, Sagonas, Optimal Dynamic Partial Order Reduction, 2014, algorithm 1: source sets.)

Where the database has a choice (choices.py), one step leads to several nodes. Each is met by repeating the run; a rival
that cannot be met is in `unmet`. Every run is also held against the ones before it (repeatability.py).

Several searches can share one tree (split.py).
"""

import random
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from django.db import connection

from interleavings.engine.equivalence import class_size
from interleavings.engine.order import Order
from interleavings.engine.repeatability import Repeatability
from interleavings.engine.scenario import Run, Scenario, finish, write_schedule
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.server_settings import SLOW_TO_WAKE, may_set
from interleavings.engine.split import Split
from interleavings.engine.tree import (
    MAX_OVERTAKINGS,
    MAX_TRIES,
    MAX_TRIES_WITHOUT_SETTINGS,
    NO_WISH,
    Node,
    Outcome,
    places_to_slow,
)

# So often the sessions are begun at least. Where few schedules exist, a session that is not the same twice might
# otherwise be the same by luck.
MIN_BEGINNINGS = 8


@dataclass
class _Path:
    """The way of one run through the tree."""

    nodes: list[Node]
    order: Order = field(default_factory=Order)
    is_raced: bool = False
    is_left: bool = False  # left on the way: another run is to be begun


class Search:
    """All schedules of a scenario, one after the other. Then `is_exhausted` says whether that was all.

    With a `split`, only those in the parts of the tree that it takes.
    """

    def __init__(
        self, scenario: Scenario, scheduler: Scheduler, *, prune: bool = True, split: Split | None = None
    ) -> None:
        self._scenario = scenario
        self._scheduler = scheduler
        self._prune = prune
        self._split = split or Split(depth=0, take=lambda _beginning: True)
        self._root = Node({})
        #: what every run is held against
        self.repeatability = Repeatability(prune=prune)
        self._beginning_count = 0
        #: the steps taken in all runs, also in those that were left
        self.step_count = 0
        self._max_tries = MAX_TRIES if _may_slow() else MAX_TRIES_WITHOUT_SETTINGS
        #: choices of the database that could not be met, as beginnings of schedules: "t1 t2 a t1>a"
        self.unmet: list[str] = []

    def runs(self) -> Iterator[Run]:
        """Every schedule, or with pruning one of each class of equivalent ones.

        Raises Fault as Scheduler.step does, or if a session does not do the same again.
        """
        first: Run | None = None
        while not self._root.is_exhausted:
            run = self._run()
            first = first or run
            if run is not None:
                yield run
        while first is not None and self._beginning_count < MIN_BEGINNINGS:
            self._repeat(first.schedule)

    @property
    def is_exhausted(self) -> bool:
        """Whether every schedule that exists has been run to its end."""
        return self._root.is_exhausted and not self.unmet

    def _begin(self) -> None:
        self._beginning_count += 1
        self._scheduler.begin(self._scenario.begin())
        self.repeatability.begin(self._scheduler)

    def _run(self) -> Run | None:
        """One schedule, along choices that are left, to its end; None if it was left on the way.

        That is so if all that could go on sleep, if the database chose what has been run already, or if one session
        overtook another.
        """
        scheduler = self._scheduler
        path = _Path([self._root])
        slow = places_to_slow(self._root, self._max_tries)
        self._begin()
        while not path.is_left and (ready := scheduler.ready()):
            self._reach(path, ready)
            self._go_on(path, slow)
        if not path.is_left and len(scheduler.trace) <= self._split.depth:  # it is a part by itself
            path.is_left = self._split.is_elsewhere(scheduler.trace)
        if path.is_left:
            scheduler.abandon()
        self._close_exhausted(path.nodes)
        if path.is_left:
            return None
        names = [step.session for step in scheduler.trace]
        weight = class_size(names, path.order.touched) if self._prune else 1
        return finish(scheduler, self._scenario, weight=weight, is_raced=path.is_raced)

    def _reach(self, path: _Path, ready: list[str]) -> None:
        """The path has come to its last node. Close that one if another search runs what is below it."""
        node, trace = path.nodes[-1], self._scheduler.trace
        is_new, node.ready = node.ready is None and not node.is_exhausted, ready
        if not self._prune or self._split.is_above(trace):
            node.wanted.update(ready)
        if is_new and len(trace) == self._split.depth and self._split.is_elsewhere(trace):
            node.close()

    def _go_on(self, path: _Path, slow: set[int]) -> None:
        """Take the next step of the path, or leave it."""
        node, scheduler = path.nodes[-1], self._scheduler
        name = node.next_choice(self._max_tries)
        if name is None:
            path.is_left = True
            return
        chosen_before = node.choices.get(name)
        wish = chosen_before.wish(self._max_tries) if chosen_before is not None else None
        scheduler.step(name, is_slow_to_wake=len(scheduler.trace) in slow)
        if scheduler.release.is_overtaking:
            if node.overtakings[name] < MAX_OVERTAKINGS:
                node.overtakings[name] += 1
                path.is_left = True
                return
        else:
            node.overtakings[name] = 0
        self.step_count += 1
        self._check(path.order)
        is_new = chosen_before is None or Outcome.of_last_step(scheduler) not in chosen_before.children
        if self._prune and is_new:
            for reversal in path.order.reversals_of_last_step():
                path.nodes[reversal.place].want_one_of(reversal.sessions)
        choice, outcome = node.add(name, scheduler, prune=self._prune)
        choice.note(NO_WISH if wish is None else wish, outcome)
        path.nodes.append(choice.children[outcome])
        path.is_raced |= len(scheduler.release.freed) > 1

    def _check(self, order: Order) -> None:
        """Add the last step to the order, which only pruning needs, and hold it against earlier runs."""
        touched: Set[int] = frozenset()
        if self._prune:
            order.add(self._scheduler.trace[-1].session, self._scheduler.footprint)
            touched = order.touched[-1]
        self.repeatability.stepped(self._scheduler, touched)

    def _close_exhausted(self, nodes: list[Node]) -> None:
        """Close the nodes of a path, from the end on, below which nothing is left to run."""
        for place, node in reversed(list(enumerate(nodes))):
            if node.is_exhausted:
                continue
            if node.next_choice(self._max_tries) is not None:
                return
            beginning = write_schedule(self._scheduler.trace[:place])
            for name, choice in node.choices.items():
                self.unmet += [f"{beginning} {name}>{rival}".strip() for rival in choice.unmet()]
            node.close()

    def _repeat(self, schedule: tuple[str, ...]) -> None:
        """Run a schedule once more, only to see whether its sessions do the same again."""
        self._begin()
        order = Order()
        for name in schedule:
            if name not in self._scheduler.ready():  # the database has chosen another way
                break
            self._scheduler.step(name)
            self._check(order)
        self._scheduler.abandon()


def _may_slow() -> bool:
    """Whether the user of the database may make sessions slow to wake."""
    connection.ensure_connection()
    return may_set(connection.connection, SLOW_TO_WAKE).issuperset(SLOW_TO_WAKE)


def sample(scenario: Scenario, scheduler: Scheduler, *, seed: int) -> Iterator[Run]:
    """Schedules drawn at random, without end: each step evenly among the sessions that can take one.

    Raises Fault as Search.runs does.
    """
    draw = random.Random(seed).random
    repeatability = Repeatability(prune=False)
    while True:
        degree = 1.0
        is_raced = False
        scheduler.begin(scenario.begin())
        repeatability.begin(scheduler)
        while ready := scheduler.ready():
            degree *= len(ready)
            scheduler.step(ready[int(draw() * len(ready))])
            repeatability.stepped(scheduler)
            is_raced |= len(scheduler.release.freed) > 1
        yield finish(scheduler, scenario, degree=degree, is_raced=is_raced)
