"""What a step reads, locks and makes visible: two steps that do not touch each other may change places.

A footprint errs on the safe side: a step that is not understood touches everything. Rows are named by table and primary
key, a whole table by the primary key ANY.

PostgreSQL decides what touches what. What a transaction has written is invisible until its COMMIT; so a plain SELECT
touches the COMMIT that *publishes* a row, and not the UPDATE before it. Locks are taken at once and released at the
end of the transaction. (PostgreSQL documentation: 13.2.1 Read Committed Isolation Level, 13.3.2 Row-Level Locks.)
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from interleavings.statements import ANY, Thing

ALL: Thing = (ANY, ANY)
A_WAIT: Thing = ("a wait in the database", ANY)


@dataclass
class Footprint:
    """What one step touched, and the statements that ran along with it."""

    #: committed rows
    reads: set[Thing] = field(default_factory=set)
    #: rows that others see changed from here on
    publishes: set[Thing] = field(default_factory=set)
    locks: set[Thing] = field(default_factory=set)
    releases: set[Thing] = field(default_factory=set)
    #: the session whose step it is, and those that went on by it
    sessions: set[str] = field(default_factory=set)
    everything: bool = False
    #: whether all this is in the text of its statements; else it was asked of the database, and may be other tables
    #: where it finds other rows
    is_said_by_text: bool = True

    @property
    def only_reads(self) -> bool:
        """Whether no other session can notice it."""
        return not (self.everything or self.publishes or self.locks or self.releases)

    @property
    def may_free_others(self) -> bool:
        """Whether a session that waits may go on by it."""
        return self.everything or bool(self.releases)

    def joined(self, *others: "Footprint") -> "Footprint":
        """What this one and the others touch."""
        return Footprint(
            reads=self.reads.union(*(other.reads for other in others)),
            publishes=self.publishes.union(*(other.publishes for other in others)),
            locks=self.locks.union(*(other.locks for other in others)),
            releases=self.releases.union(*(other.releases for other in others)),
            sessions=self.sessions.union(*(other.sessions for other in others)),
            everything=self.everything or any(other.everything for other in others),
            is_said_by_text=self.is_said_by_text and all(other.is_said_by_text for other in others),
        )

    def touches(self, other: "Footprint") -> bool:
        """Whether the order of these two steps may make a difference."""
        return (
            self.everything
            or other.everything
            or not self.sessions.isdisjoint(other.sessions)
            or overlap(self.reads | self.publishes, other.publishes)
            or overlap(self.publishes, other.reads)
            or overlap(self.locks, other.locks | other.releases)
            or overlap(self.releases, other.locks)
        )


EVERYTHING = Footprint(everything=True)


def overlap(these: Iterable[Thing], those: Collection[Thing]) -> bool:
    """Whether one of these may be one of those."""
    return any(
        (kind == other_kind or ANY in (kind, other_kind)) and (which == other or ANY in (which, other))
        for kind, which in these
        for other_kind, other in those
    )
