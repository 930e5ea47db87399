"""What the steps of a schedule read and wrote, as far as their text says it: for naming an anomaly, not for pruning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interleavings.engine.step import COMMIT, ROLLBACK, Step
from interleavings.statements import ANY, access

WRITTEN = re.compile(r'^(?P<verb>INSERT INTO|UPDATE|DELETE FROM) "?(?P<table>\w+)', re.IGNORECASE)
READ = re.compile(r'(?:FROM|JOIN) "?(\w+)', re.IGNORECASE)
LOCKING = re.compile(r" FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Effect:
    """A row, or rows of a table, that a step read or wrote."""

    session: str
    place: int  #: of the step in the schedule; of one that waited, the place of the step that let it go on
    table: str
    key: Any  #: the primary key; ANY: not known, or several
    writes: bool
    inserts: bool
    locks: bool
    visible_from: int  #: the place from which on others see what was written

    def meets(self, other: "Effect") -> bool:
        """Whether both may be about one row."""
        return self.table == other.table and (ANY in (self.key, other.key) or self.key == other.key)


def effects_of(steps: Sequence[Step]) -> list[Effect]:
    """The effects of all steps that did not fail, in their order. What was rolled back is visible to no other call."""
    effects = []
    for place, step in enumerate(steps):
        if step.error or step.sql in (COMMIT, ROLLBACK):
            continue
        when = place if step.freed_by is None else step.freed_by
        for table, key, writes, inserts, locks in _accesses(step):
            visible_from = _visible_from(steps, place, when)
            effects.append(Effect(step.session, when, table, key, writes, inserts, locks, visible_from))
    return effects


def _accesses(step: Step) -> list[tuple[str, Any, bool, bool, bool]]:
    accessed = access(step.sql, step.params)
    if accessed is not None:
        return [(str(table), key, accessed.writes, False, accessed.locks) for table, key in accessed.rows]
    if match := WRITTEN.match(step.sql):
        return [(match["table"], ANY, True, match["verb"].upper() == "INSERT INTO", True)]
    is_locking = LOCKING.search(step.sql) is not None
    return [(table, ANY, False, False, is_locking) for table in dict.fromkeys(READ.findall(step.sql))]


def _visible_from(steps: Sequence[Step], place: int, when: int) -> int:
    """The place of the COMMIT after the step; its own, if the step was a transaction of its own."""
    if not steps[place].in_transaction:
        return when
    ends = (
        (later, step.sql)
        for later, step in enumerate(steps)
        if later > place and step.session == steps[place].session and step.sql in (COMMIT, ROLLBACK)
    )
    later, word = next(ends, (len(steps), ROLLBACK))
    return later if word == COMMIT else len(steps)
