"""The tree of schedules, as far as a search has come: its nodes, the sessions' choices, the choices of the database."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from interleavings.engine.footprint import Footprint
from interleavings.engine.scheduler import Scheduler

# How many times in a row an outcome may be missed before it is given up. With slow rivals (choices.py) a choice of the
# database is met in nine of ten runs, also on a busy machine; the chance to miss it so often is one in 10^12. Without
# them, because the user of the database may not change those settings, it is met in about one run of four.
MAX_TRIES = 12
MAX_TRIES_WITHOUT_SETTINGS = 60
# Where two rivals may lock the same row, and none was ever seen waiting for the other, it is not known whether they
# compete. On a busy machine, a slow rival was still the first in two of three runs.
MIN_TRIES_IF_UNKNOWN = 24
# How many times in a row one session may overtake another at one step. It does so in up to one run of five, by luck;
# always, if the one in front found its row changed and went on to wait for another one.
MAX_OVERTAKINGS = 20

NO_WISH = ""


class Outcome(NamedTuple):
    """How the sessions stand after a step. One step may have several outcomes, where the database has a choice."""

    let_go: tuple[str, ...]
    states: tuple[str, ...]

    @classmethod
    def of_last_step(cls, scheduler: Scheduler) -> "Outcome":
        states = tuple(f"{name} {session.state.value}" for name, session in scheduler.sessions.items())
        return cls(scheduler.release.let_go, states)

    def fulfils(self, wish: str) -> bool:
        """Whether the rival was let go that was to be; with NO_WISH, whether no rival lost."""
        return wish in self.let_go if wish else not self.let_go


@dataclass
class Choice:
    """One session's step in one node: what it touched, and the nodes that it led to."""

    footprint: Footprint
    children: dict[Outcome, "Node"] = field(default_factory=dict)
    #: the sessions among which the database could choose, and the place in the schedule of the step that each waits in
    rivals: dict[str, int] = field(default_factory=dict)
    #: the rivals that went on and ended their transaction at once, so no other was seen waiting for them: where another
    #: rival did not, they were before it
    passed: set[str] = field(default_factory=set)
    #: whether two rivals that went on may have locked the same row
    may_compete: bool = False
    #: how many times in a row a wish was not fulfilled
    misses: Counter[str] = field(default_factory=Counter)

    def wish(self, max_tries: int) -> str | None:
        """Which rival is to be let go next: one that was not yet, or below which something is left to run.

        NO_WISH, if something is left below an outcome in which no session lost. None: all has been run, or given up.
        """
        are_competing = any(outcome.let_go for outcome in self.children)
        tries = max_tries if are_competing else max_tries // 2
        if self.may_compete and not are_competing:
            tries = max(max_tries, MIN_TRIES_IF_UNKNOWN)
        for rival in self.rivals:
            met = [child for outcome, child in self.children.items() if rival in outcome.let_go]
            unknown = [] if rival in self.passed else [_UNKNOWN]
            if self.misses[rival] < tries and not all(child.is_exhausted for child in met or unknown):
                return rival
        others = [child for outcome, child in self.children.items() if not outcome.let_go]
        if self.misses[NO_WISH] < max_tries and not all(child.is_exhausted for child in others):
            return NO_WISH
        return None

    def child(self, wish: str) -> "Node | None":
        """A node below this choice with something left to run, and in which the wish is fulfilled."""
        for outcome, child in self.children.items():
            if not child.is_exhausted and outcome.fulfils(wish):
                return child
        return None

    def note(self, wish: str, outcome: Outcome) -> None:
        """The step was taken with this wish, and had this outcome. It is a miss if nothing is left to run below it."""
        is_hit = outcome.fulfils(wish) and not self.children[outcome].is_exhausted
        self.misses[wish] = 0 if is_hit else self.misses[wish] + 1

    def unmet(self) -> list[str]:
        """What was given up: rivals that lost and were never let go, and outcomes below which not all was run."""
        winners = {name for outcome in self.children for name in outcome.let_go}
        never = [rival for rival in self.rivals if winners and rival not in winners | self.passed]
        open_ones = [outcome for outcome, child in self.children.items() if not child.is_exhausted]
        return never + ["+".join(outcome.let_go) or "others" for outcome in open_ones]


@dataclass
class Node:
    """A point of a schedule."""

    #: the sessions that need not take their next step here, and what that step touches (search.py)
    sleeping: dict[str, Footprint]
    choices: dict[str, Choice] = field(default_factory=dict)
    #: the sessions that stand at a gate; None: it was not reached yet
    ready: list[str] | None = None
    #: the sessions that have to take their next step here, besides the first choice (search.py)
    wanted: set[str] = field(default_factory=set)
    is_exhausted: bool = False
    #: how many times in a row each session's step let one session overtake another
    overtakings: Counter[str] = field(default_factory=Counter)

    def next_choice(self, max_tries: int) -> str | None:
        """The session that is to go on here next: the present choice, while something is left to run below it.

        Then one that is wanted; at first any that does not sleep.
        """
        if self.is_exhausted:
            return None
        for name, choice in self.choices.items():
            if choice.wish(max_tries) is not None:
                return name
        for name in self.ready or ():
            if name not in self.choices and name not in self.sleeping and (name in self.wanted or not self.choices):
                return name
        return None

    def want_one_of(self, sessions: frozenset[str] | None) -> None:
        """One of these sessions has to go on here; None, or if none of them can: all have to.

        If one of them sleeps, what it leads to has been run.
        """
        ready = self.ready or []
        if sessions is None:
            self.wanted.update(ready)
        elif sessions.isdisjoint(self.choices.keys() | self.wanted | self.sleeping.keys()):
            self.wanted.update([name for name in ready if name in sessions][:1] or ready)

    def add(self, name: str, scheduler: Scheduler, *, prune: bool) -> "tuple[Choice, Outcome]":
        """The session has taken its step here: note what it touched, and the node that it led to."""
        outcome = Outcome.of_last_step(scheduler)
        choice = self.choices.setdefault(name, Choice(scheduler.footprint))
        for rival in scheduler.release.rivals:
            choice.rivals.setdefault(rival, scheduler.place_of_last_step(rival))
            if not outcome.let_go and scheduler.has_ended_transaction(rival):
                choice.passed.add(rival)
        if not outcome.let_go:
            trackers = (scheduler.sessions[rival].record.tracker for rival in scheduler.release.rivals)
            choice.may_compete |= any(one.locks_what(other) for one, other in combinations(trackers, 2))
        if outcome not in choice.children:
            tried = {other: choice.footprint for other, choice in self.choices.items() if other != name}
            candidates = self.sleeping | tried if prune else {}
            asleep = {other: its for other, its in candidates.items() if not its.touches(scheduler.footprint)}
            choice.children[outcome] = Node(asleep)
        return choice, outcome

    def close(self) -> None:
        """All below it has been run; it need not be remembered."""
        self.is_exhausted = True
        for choice in self.choices.values():
            choice.children = dict.fromkeys(choice.children, _EXHAUSTED)


_EXHAUSTED = Node({}, is_exhausted=True)
_UNKNOWN = Node({})


def places_to_slow(root: Node, max_tries: int) -> set[int]:
    """The steps whose sessions are to be slow to wake in the next run, by their places in the schedule.

    Along the choices that the next run will take, these are the steps in which rivals wait that are to lose.
    """
    places: set[int] = set()
    node: Node | None = root
    while node is not None:
        name = node.next_choice(max_tries)
        choice = node.choices.get(name) if name is not None else None
        wish = choice.wish(max_tries) if choice is not None else None
        if choice is None or wish is None:
            break
        if wish != NO_WISH:
            places |= {place for rival, place in choice.rivals.items() if rival != wish}
        node = choice.child(wish)
    return places
