"""The blocks that labs are made of, each on our own strategies."""

import pytest

from accounts import strategies
from accounts.labs.cases import Case, Crashes, Sessions, counts_status, do_transfer
from accounts.labs.problems import HALF_DONE, RAISED, TORN, WAITED, WRONG_END
from accounts.labs.variants import variant_of

pytestmark = pytest.mark.django_db(transaction=True)

ANNA = variant_of("anna", "a lab")


def explore(case, strategy: str):
    return case.explore(strategies.load(strategy, "transfer").__file__, ANNA)


@pytest.mark.parametrize(("strategy", "half_done", "runs"), [("no_transaction", 1, 7), ("row_lock", 0, 6)])
def test_crash_before_every_step(strategy, half_done, runs):
    found = explore(Crashes("{a}>{b}:{amount}"), strategy)

    assert (found.count(HALF_DONE), len(found.runs)) == (half_done, runs)
    assert [len(run.steps) for run in found.runs] == list(range(runs))
    assert not WRONG_END.holds(found.runs[-1], found)


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(("strategy", "is_done_twice"), [("row_lock", False), ("no_transaction", True)])
def test_the_same_order_in_two_sessions(strategy, is_done_twice):
    """A job that is delivered twice: a transaction notices, and is rolled back; without one, the money moves twice."""
    sessions = {name: (f"{name}: {{a}} > {{b}}", do_transfer) for name in ("first", "second")}
    case = Sessions("{a}>{b}:{amount}", sessions, function="transfer", is_step=counts_status)

    found = explore(case, strategy)

    assert found.is_exhaustive
    assert not found.has(RAISED)
    assert found.has(WRONG_END) == is_done_twice


def test_counts_are_those_of_the_explorer():
    found = explore(Case("{first}>{second}:{amount}", accounts=2, audit_with="no_transaction"), "row_lock")

    assert (found.schedule_count, found.count(TORN), found.count(WAITED)) == (15, 4, 0)
    assert found.audit_errors() == [ANNA.amount if ANNA.a < ANNA.b else -ANNA.amount]
    assert [sql.partition(" ")[0] for sql in found.statements("t")] == ["SELECT", "UPDATE", "UPDATE", "COMMIT"]
