"""Explores a plan in several processes: each runs parts of the tree of schedules, and together they are one proof.

1. The processes start. Meanwhile a database is made for each, all of them alike: a transaction that is SERIALIZABLE, a
   lock on a table or an advisory lock would meet those of another process in the same database.
2. Each process walks the same top of the tree (interleavings/engine/split.py). Where it comes to a part, it asks; the
   first to ask for a part is given it. So none has to wait, however different the parts are.
3. What was found in the parts is put together in their order in the tree. So the report does not depend on how many
   processes there were, nor on which was the faster.
4. It is a proof only if every process has come to its end, and all have come to the same parts. What their sessions did
   is held against each other too, as it is within one process (interleavings/engine/repeatability.py).
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from itertools import combinations
from multiprocessing.connection import Connection, wait
from typing import NamedTuple, cast

from django.core.management import call_command

from accounts.cluster.child import Child
from accounts.db.scratch_database import scratch_databases
from accounts.errors import BankError
from accounts.explorer.exploration import Exploration, Progress
from accounts.explorer.part import Answer, Finished, Ran, Reached, Share
from interleavings.engine.repeatability import find_contradiction
from interleavings.engine.replay import read_schedule

NOTHING_PROVED = "Nothing was proved: try again; where memory is short, with fewer --jobs."
ADVICE = "Take out what changes from run to run: a random order, the clock, something that a module keeps."


class Budget(NamedTuple):
    """The most that all processes together may run."""

    runs: int
    steps: int


def explore_with_jobs(
    blank: Callable[[], Exploration], *, jobs: int, prune: bool, budget: Budget, on_progress: Progress
) -> Exploration:
    """Run every schedule of the plan; if there are more than the budget allows, some of them.

    `blank` makes an exploration of the plan that has found nothing. Raises BankError if a process ends without a
    result, if a strategy does what no session may do, and as scratch_databases does.
    """
    found = blank()
    share = Share(found.plan, prune=prune, keep_timelines=found.timelines is not None)
    with ExitStack() as after, ExitStack() as processes:
        children = [processes.enter_context(Child()) for _ in range(jobs)]
        databases = after.enter_context(scratch_databases(jobs, fill=_make_tables))
        for child, database in zip(children, databases, strict=True):
            child.begin(share, database=database)
        coordinator = _Coordinator(children, budget, blank(), on_progress)
        coordinator.follow()
    join(found, coordinator.finished, are_all=not coordinator.is_over)
    return found


def _make_tables() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)


class _Coordinator:
    """Gives each part of the tree to the process that asks first, and counts what all of them run."""

    def __init__(self, children: Sequence[Child], budget: Budget, progress: Exploration, on_progress: Progress) -> None:
        self._running = {child.pipe: child for child in children}
        self._taken: set[str] = set()
        self._budget = budget
        self._progress = progress  # of this one only the tally is filled
        self._on_progress = on_progress
        self._step_count = 0
        self.is_over = False  #: the budget was used up
        self.finished: list[Finished] = []  #: what each process has found

    def follow(self) -> None:
        """Return when every process has come to its end. Raises BankError, or what a process has raised."""
        while self._running:
            for pipe in wait(list(self._running)):
                self._hear(cast(Connection, pipe))  # it is given nothing else

    def _hear(self, pipe: Connection) -> None:
        child = self._running[pipe]
        try:
            message = pipe.recv()
            if isinstance(message, Reached) and not self.is_over:
                pipe.send(self._answer(message.beginning))
        except (EOFError, OSError) as error:
            raise BankError(
                f"A process of this exploration has ended before its work ({child.last_words()}). {NOTHING_PROVED}"
            ) from error
        if isinstance(message, Exception):
            raise message
        if isinstance(message, Ran):
            self._count(message)
        elif isinstance(message, Finished):
            self.finished.append(message)
            del self._running[pipe]

    def _answer(self, beginning: str) -> Answer:
        if beginning in self._taken:
            return Answer.LEAVE
        self._taken.add(beginning)
        return Answer.TAKE

    def _count(self, ran: Ran) -> None:
        self._step_count += ran.step_count
        self._progress.tally.run_count += 1
        self._on_progress(self._progress)
        is_spent = self._progress.tally.run_count > self._budget.runs or self._step_count > self._budget.steps
        if is_spent and not self.is_over:
            self.is_over = True
            for pipe in self._running:
                with suppress(OSError):  # it has just ended
                    pipe.send(Answer.STOP)


def join(found: Exploration, shares: Sequence[Finished], *, are_all: bool) -> None:
    """Put together what was found in the parts, in the order of the tree. `are_all`: nothing was left out.

    Raises BankError if the sessions did not do the same in all processes: then the parts are not those of one tree.
    """
    parts = {beginning: part for share in shares for beginning, part in share.parts.items()}
    for beginning in sorted(parts, key=lambda beginning: _place(found, beginning)):
        found.include(parts[beginning])
    found.unmet = sorted({beginning for share in shares for beginning in share.unmet})
    found.is_exhaustive = are_all and not found.unmet
    for one, other in combinations(shares, 2):
        if found.is_exhaustive and (odd := one.reached ^ other.reached):
            raise BankError(
                f"The sessions do not do the same in two processes: only one came to {min(odd)!r}. {ADVICE}"
            )
        if contradiction := find_contradiction(one.next_steps, other.next_steps):
            raise BankError(f"{contradiction} {ADVICE}")


def _place(exploration: Exploration, beginning: str) -> tuple[list[int], str]:
    """Sorts the parts as one search comes to them: session by session, step by step."""
    names = list(exploration.plan.sessions)
    return [names.index(turn.session) for turn in read_schedule(beginning)], beginning
