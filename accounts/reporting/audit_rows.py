"""The kind of an audit that stands in the database: of one row in Python, and of many in SQL, by one rule."""

from collections.abc import Mapping

from django.db.models import Case, CharField, F, Q, Value, When

from accounts.models import Audit
from accounts.reporting.audit_kind import RULE, AuditKind, kind_of

# The facts of the rule, as conditions on a row. Each is true or false of every row, never NULL.
FACTS_IN_SQL = {
    "failed": Q(status=Audit.Status.FAILED),
    "judged": Q(torn__isnull=False),
    "kept_readings": Q(readings__isnull=False),
    "torn": Q(torn__isnull=False, torn=True),
    "incomplete": Q(explanation__isnull=False, explanation__has_key="incomplete", explanation__incomplete=True),
    "total_is_right": Q(total__isnull=False, total=F("expected_total")),
}


def _all_so(facts: Mapping[str, bool]) -> Q:
    return Q(*(FACTS_IN_SQL[name] if so else ~FACTS_IN_SQL[name] for name, so in facts.items()))


# For annotate(kind=KIND): the word of the kind. The last kind of the rule is that of all others.
KIND = Case(
    *(When(_all_so(facts), then=Value(kind.value)) for kind, facts in RULE if facts),
    default=Value(RULE[-1][0].value),
    output_field=CharField(),
)


def kind_of_audit(audit: Audit) -> AuditKind:
    """The kind of one audit, without a query."""
    return kind_of(
        {
            "failed": audit.status == Audit.Status.FAILED,
            "judged": audit.torn is not None,
            "kept_readings": audit.readings is not None,
            "torn": bool(audit.torn),
            "incomplete": bool((audit.explanation or {}).get("incomplete")),
            "total_is_right": audit.off_by == 0,
        }
    )
