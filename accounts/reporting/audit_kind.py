"""Pure: the kinds of audits, one word each, and the rule that says of which kind an audit is.

Charts, pages, documents, lists and style sheets use these words and no others.
"""

from collections.abc import Mapping
from enum import Enum


class AuditKind(str, Enum):
    """What became of an audit. An audit has exactly one kind."""

    RIGHT = "right"
    TORN = "torn"
    LUCK = "luck"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"
    UNJUDGED = "unjudged"
    UNKNOWN = "unknown"
    FAILED = "failed"

    def __str__(self) -> str:
        """The word itself: in a template, it is a CSS class."""
        return self.value

    @property
    def label(self) -> str:
        """A few words for a cell of a table."""
        return _LABELS[self]

    @property
    def meaning(self) -> str:
        """A sentence for a legend, without its full stop."""
        return _MEANINGS[self]

    @property
    def is_torn(self) -> bool:
        return self in (AuditKind.TORN, AuditKind.LUCK)

    @property
    def is_judged(self) -> bool:
        """Whether the evidence has said what the audit is."""
        return self not in (AuditKind.UNJUDGED, AuditKind.UNKNOWN, AuditKind.FAILED)


_LABELS = {kind: kind.value for kind in AuditKind} | {
    AuditKind.LUCK: "torn, right by luck",
    AuditKind.WRONG: "wrong, not torn",
    AuditKind.UNJUDGED: "not checked yet",
}

_MEANINGS = {
    AuditKind.RIGHT: "right",
    AuditKind.TORN: "torn: it saw a transfer on one account only",
    AuditKind.LUCK: "torn, and the total is right by luck",
    AuditKind.INCOMPLETE: "it did not read every account",
    AuditKind.WRONG: "not torn: the bank's money is wrong (made or lost)",
    AuditKind.UNJUDGED: "not checked yet",
    AuditKind.UNKNOWN: "it kept only its sum: whether it is torn is not known",
    AuditKind.FAILED: "it failed, and has no total",
}

# The rule: an audit is of the first kind whose facts are all so. `audit_rows` asks the same facts of the database.
RULE: tuple[tuple[AuditKind, Mapping[str, bool]], ...] = (
    (AuditKind.FAILED, {"failed": True}),
    (AuditKind.UNKNOWN, {"judged": False, "kept_readings": False}),
    (AuditKind.UNJUDGED, {"judged": False}),
    (AuditKind.LUCK, {"torn": True, "total_is_right": True}),
    (AuditKind.TORN, {"torn": True}),
    (AuditKind.INCOMPLETE, {"incomplete": True}),
    (AuditKind.RIGHT, {"total_is_right": True}),
    (AuditKind.WRONG, {}),
)
FACTS = ("failed", "judged", "kept_readings", "torn", "incomplete", "total_is_right")


def kind_of(facts: Mapping[str, bool]) -> AuditKind:
    """The kind of an audit of which these FACTS are known. `torn` and `incomplete` are False where it is not judged."""
    return next(kind for kind, wanted in RULE if all(facts[name] == so for name, so in wanted.items()))
