"""Runs one given schedule, or the beginning of one.

A schedule as text says whose step is next, and next: `t1 t2 (a) t1>a a t2`.

    t1       session t1 takes its next step
    (a)      the same; the brackets say that it has to wait, and may be left out
    t1>a     t1 takes its next step, and of the sessions that waited for it the database lets a go on, while others
             wait for a now; `t1>a+b` if it lets two go on. Where this is left out, the database chooses as it likes.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from interleavings.engine.faults import Fault
from interleavings.engine.scenario import Scenario
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.tree import MAX_TRIES_WITHOUT_SETTINGS

_WORD = re.compile(r"(?P<open>\()?(?P<session>[^\s()>+]+)(?(open)\))(?:>(?P<let_go>[^\s()>+]+(?:\+[^\s()>+]+)*))?")


class Impossible(Fault):
    """A schedule asks for a step that cannot be taken where it stands, or for a choice that the database has not."""


class Turn(NamedTuple):
    """One word of a schedule."""

    session: str
    let_go: frozenset[str] = frozenset()  #: whom the database is to let go on; empty: whom it likes


def read_schedule(text: str) -> list[Turn]:
    """The turns of a schedule. Raises Impossible for a word that is none."""
    turns = []
    for place, word in enumerate(text.split(), start=1):
        match = _WORD.fullmatch(word)
        if match is None:
            raise Impossible(f"Step {place} of the schedule is {word!r}: write a session as t, (t) or t>a.")
        turns.append(Turn(match["session"], frozenset(filter(None, (match["let_go"] or "").split("+")))))
    return turns


def replay(scheduler: Scheduler, scenario: Scenario, schedule: str) -> None:
    """Run the schedule from its beginning, and leave every session where its last step has led.

    Where the database chooses otherwise than the schedule says, or one session overtakes another, the run is begun
    again. Raises Impossible if a step cannot be taken, or if a choice of the database could not be met; Fault as
    Scheduler.step does.
    """
    turns = read_schedule(schedule)
    slow: set[int] = set()
    for tries_left in reversed(range(MAX_TRIES_WITHOUT_SETTINGS)):
        scheduler.begin(scenario.begin())
        try:
            if _play(scheduler, turns, slow, is_last_try=not tries_left):
                return
        except Impossible:
            scheduler.abandon()
            raise
        scheduler.abandon()


def _play(scheduler: Scheduler, turns: Sequence[Turn], slow: set[int], *, is_last_try: bool) -> bool:
    """Run it once. Returns whether all went as the turns say; if not, `slow` has the steps to be slowed next time."""
    has_chosen = False  # the database, where the schedule does not say how
    for place, turn in enumerate(turns):
        if turn.session not in scheduler.ready():
            if has_chosen and not is_last_try:
                return False
            raise Impossible(say_not_ready(scheduler, place + 1, turn.session))
        scheduler.step(turn.session, is_slow_to_wake=place in slow)
        release = scheduler.release
        has_chosen |= bool(release.let_go) and not turn.let_go
        if release.is_overtaking and not is_last_try:
            return False
        if turn.let_go and turn.let_go != set(release.let_go):
            if not turn.let_go.issubset(release.rivals) or is_last_try:
                raise Impossible(_say_no_choice(place + 1, turn, release.rivals))
            slow |= {scheduler.place_of_last_step(rival) for rival in set(release.rivals) - turn.let_go}
            return False
    return True


def say_not_ready(scheduler: Scheduler, number: int, name: str) -> str:
    """A step that cannot be taken, counted from 1: why, and which could be."""
    ready = scheduler.ready()
    if name not in scheduler.sessions:
        reason = f"there is no session {name!r}"
    elif name in scheduler.waits:
        reason = f"{name} waits for {' and '.join(scheduler.waits[name])}"
    else:
        reason = f"{name} has ended"
    advice = f"choose {' or '.join(ready)}" if ready else "the schedule is complete without it"
    return f"Step {number} of the schedule cannot be taken: {reason}; {advice}."


def _say_no_choice(number: int, turn: Turn, rivals: Sequence[str]) -> str:
    wanted = " and ".join(sorted(turn.let_go))
    if not turn.let_go.issubset(rivals):
        return (
            f"Step {number} of the schedule cannot let {wanted} go on: the database has no such choice there; "
            f"write {turn.session} alone."
        )
    return (
        f"Step {number} of the schedule lets {wanted} go on, and {' or '.join(rivals)} would be possible: in "
        f"{MAX_TRIES_WITHOUT_SETTINGS} tries the database never chose {wanted}; write {turn.session} alone."
    )
