"""The name of an anomaly, where it can be told from what the calls read and wrote in its schedule.

The names are those of the field: Berenson et al., "A Critique of ANSI SQL Isolation Levels" (1995), and Adya, "Weak
Consistency" (1999). A schedule may have several; of most wrong schedules, one name says what to look for.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations, product

from interleavings.engine.step import Step
from interleavings.oracle.outcome import Outcome
from interleavings.report import refusals
from interleavings.report.effects import Effect, effects_of

LOST_UPDATE = "lost update"
DUPLICATE = "duplicate"
PHANTOM = "phantom"
WRITE_SKEW = "write skew"
READ_SKEW = "read skew"
DEADLOCK = "deadlock"


def anomaly_names(steps: Sequence[Step], outcome: Outcome, *, ignored: frozenset[str]) -> list[str]:
    """What the field calls that which went wrong; empty if it cannot be told.

    1. Deadlock: the database ended a transaction for it.
    2. Lost update: a call read a row, another call committed a change of it, and the first wrote the row.
    3. Phantom: a call looked for rows that another call inserted afterwards, and each wrote because of what it saw.
       Duplicate: the rows that were inserted so are alike.
    4. Write skew: each call read what the other one changed, and they wrote different rows.
    5. Read skew: between two reads of a call, another call committed a change of what it read last.
    """
    names = [DEADLOCK] * any(step.error == refusals.DEADLOCK for step in steps)
    effects = effects_of(steps)
    pairs = list(permutations({effect.session for effect in effects}, 2))
    if any(_loses_update(effects, reader, writer) for reader, writer in pairs):
        return [*names, LOST_UPDATE]
    phantoms = [_phantoms(effects, first, second) & _phantoms(effects, second, first) for first, second in pairs]
    if tables := set().union(*phantoms):
        return [*names, DUPLICATE if any(_has_twins(outcome, table, ignored) for table in tables) else PHANTOM]
    if any(_misses_change(effects, *pair) and _misses_change(effects, *reversed(pair)) for pair in pairs):
        return [*names, WRITE_SKEW]
    if any(_reads_on_both_sides(effects, reader, writer) for reader, writer in pairs):
        return [*names, READ_SKEW]
    return names


def _loses_update(effects: list[Effect], reader: str, writer: str) -> bool:
    return any(
        read.place < change.visible_from <= overwrite.place
        for read, change in _missed(effects, reader, writer)
        for overwrite in effects
        if overwrite.session == reader and overwrite.writes and overwrite.meets(change) and not change.inserts
    )


def _phantoms(effects: list[Effect], reader: str, writer: str) -> set[str]:
    """The tables in which the reader missed a row that the writer inserted. (A lock on rows keeps no new one away.)"""
    if not _writes(effects, reader):
        return set()
    return {change.table for _read, change in _missed(effects, reader, writer) if change.inserts}


def _misses_change(effects: list[Effect], reader: str, writer: str) -> bool:
    return bool(list(_missed(effects, reader, writer))) and _writes(effects, reader)


def _reads_on_both_sides(effects: list[Effect], reader: str, writer: str) -> bool:
    """Whether the reader missed one change of a transaction of the writer, and saw another one of the same."""
    return any(
        read.place < change.visible_from < later.place
        for read, change in _missed(effects, reader, writer)
        for later in effects
        if later.session == reader and not later.writes
    )


def _missed(effects: list[Effect], reader: str, writer: str) -> Iterator[tuple[Effect, Effect]]:
    """Each read of a call, and each change of what it read that became visible only afterwards."""
    reads = [effect for effect in effects if effect.session == reader and not effect.writes]
    changes = [effect for effect in effects if effect.session == writer and effect.writes]
    for read, change in product(reads, changes):
        is_kept_away = read.locks and not change.inserts
        if change.meets(read) and read.place < change.visible_from and not is_kept_away:
            yield read, change


def _writes(effects: list[Effect], session: str) -> bool:
    return any(effect.session == session and effect.writes for effect in effects)


def _has_twins(outcome: Outcome, table: str, ignored: frozenset[str]) -> bool:
    """Whether two of the new rows of a table differ only in their keys, or in what is not compared."""
    plain = [
        tuple((name, repr(value)) for name, value in list(row.items())[1:] if f"{table}.{name}" not in ignored)
        for row in outcome.added.get(table, [])
    ]
    return len(set(plain)) < len(plain)
