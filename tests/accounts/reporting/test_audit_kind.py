"""The kind of an audit: by one rule, in Python and in SQL alike."""

from itertools import product

import pytest

from accounts.models import Audit
from accounts.reporting.audit_kind import FACTS, RULE, AuditKind, kind_of
from accounts.reporting.audit_rows import FACTS_IN_SQL, KIND, kind_of_audit
from tests.support.storms import launched_storm

# How much the total is off (None: it failed, and has none), what was noted on the audit, and its kind.
AUDITS = [
    (0, {"torn": False}, "right"),
    (5, {"torn": True}, "torn"),
    (0, {"torn": True}, "luck"),
    (5, {"torn": False}, "wrong"),
    (-5, {"torn": False, "explanation": {"incomplete": True}}, "incomplete"),
    (0, {"torn": False, "explanation": {"incomplete": True}}, "incomplete"),
    (5, {"torn": True, "explanation": {"incomplete": True}}, "torn"),
    (5, {"torn": False, "explanation": {"incomplete": False}}, "wrong"),
    (5, {"torn": False, "explanation": {"story": ""}}, "wrong"),
    (0, {}, "unjudged"),
    (5, {}, "unjudged"),
    (0, {"readings": None}, "unknown"),
    (5, {"readings": None}, "unknown"),
    (None, {"readings": None, "status": "failed", "reason": "deadlock"}, "failed"),
]


@pytest.fixture
def audits(db) -> dict[int, str]:
    """A row of each of AUDITS: its kind, by its primary key."""
    storm = launched_storm(transfer_count=1, audit_count=len(AUDITS))
    kinds = {}
    for number, (off_by, noted, kind) in enumerate(AUDITS):
        total = None if off_by is None else storm.bank.opening_total + off_by
        facts = {"status": "taken", "readings": [[1, 1, None]], "total": total} | noted
        audit = Audit(bank=storm.bank, storm=storm, number=number, expected_total=storm.bank.opening_total, **facts)
        audit.save()
        kinds[audit.pk] = kind
    return kinds


def test_python_and_sql_say_the_same_of_every_kind(audits):
    in_sql = dict(Audit.objects.annotate(kind=KIND).values_list("pk", "kind"))

    assert in_sql == audits
    assert {audit.pk: kind_of_audit(audit) for audit in Audit.objects.all()} == audits
    assert set(audits.values()) == {kind.value for kind in AuditKind}


def test_every_audit_has_exactly_one_kind():
    kinds = {kind_of(dict(zip(FACTS, facts, strict=True))) for facts in product([True, False], repeat=len(FACTS))}

    assert kinds == set(AuditKind)
    assert RULE[-1][1] == {}
    assert FACTS_IN_SQL.keys() == set(FACTS)


def test_word_of_a_kind_is_what_a_template_prints():
    assert f"{AuditKind.LUCK}" == str(AuditKind.LUCK) == "luck"
