"""What is said first of an exploration: the worst that was found; "a proof" only where something was tested."""

from dataclasses import replace

import pytest

from accounts.explorer.headline import Headline, headline
from accounts.explorer.report import ExplorationReport
from accounts.explorer.tally import COUNTS, WORST_FIRST
from accounts.explorer.verdicts import SIGNS

REPORT = ExplorationReport(
    transfer_with="row_lock",
    audit_with="no_lock",
    accounts=2,
    transfers="1>2:30",
    audits=1,
    processes="shared",
    schedules=35,
    exhaustive=True,
    about=None,
    run=12,
    counts=dict.fromkeys(COUNTS, 0),
    error="",
    unmet=(),
    notes=(),
    duration_s=0.1,
    worst=None,
    serial=None,
)
ALL = "These are all possible orders."
PROOF = f"{ALL[:-1]}: this is a proof."


def said(*, is_live: bool = False, **report) -> Headline:
    counts = {name: report.pop(name) for name in COUNTS if name in report}
    return headline(replace(REPORT, counts=REPORT.counts | counts, **report), is_live=is_live)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"torn": 4}, "4 of 35 schedules are torn."),
        ({"torn": 1}, "1 of 35 schedules is torn."),
        ({"torn": 12, "lost_updates": 30}, "30 of 35 schedules lose an update."),
        ({"torn": 4, "drift": 2, "deadlocks": 9}, "2 of 35 schedules make or lose money."),
        ({"incomplete": 3, "deadlocks": 9}, "3 of 35 schedules have an audit that did not read every account."),
        ({"deadlocks": 30, "errors": 30}, "30 of 35 schedules end in a deadlock."),
        ({"torn_unknown": 35, "wrong_total": 2}, "2 of 35 schedules have an audit with a wrong total."),
    ],
)
def test_headline_is_the_worst_that_was_found(counts, text):
    assert said(**counts) == (text, "bad", ALL)


def test_all_right_is_a_proof():
    assert said() == ("0 of 35 schedules are torn.", "good", PROOF)


def test_without_an_audit_no_audit_is_said_to_be_right():
    assert said(audits=0) == ("0 of 35 schedules lose an update. No audit took part.", "", ALL)


def test_sum_without_readings_is_not_said_to_be_whole():
    text = "Every total is right, but an audit kept only its sum: whether it is torn is unknown."
    assert said(torn_unknown=35) == (text, "", ALL)


@pytest.mark.parametrize(
    ("transfers", "advice"),
    [
        ("1>2:99999999999", "Each asks for more than its account holds: choose smaller amounts."),
        ("", "Add a transfer, such as 1>2:30."),
    ],
)
def test_transfers_that_cannot_be_applied_test_nothing(transfers, advice):
    found = said(transfers=transfers)

    assert found == ("Nothing was tested: no transfer can be applied.", "", advice)


def test_transfer_that_another_one_pays_for_is_a_test():
    assert said(transfers="1>2:5000,2>1:10500").kind == "good"


def test_sample_says_of_how_many_and_is_no_proof():
    found = said(exhaustive=False, about=63_000, run=500)

    assert found.text == "0 of 500 schedules are torn."
    assert (found.kind, found.extent[:48]) == ("", "They were drawn at random from about 63,000. The")


def test_while_it_runs_it_says_so():
    assert said(exhaustive=False, is_live=True) == ("0 of 35 schedules are torn.", "", "So far: more are being run.")
    assert said(exhaustive=False).extent == "There are more schedules, which were not run."


def test_signs_of_the_grid_have_the_order_of_the_headline():
    signs = {
        **{"lost_updates": "lost update", "drift": "drift", "accounts_off": "account off", "torn": "torn"},
        **{"incomplete": "incomplete", "impossible": "impossible reading", "wrong_total": "wrong total"},
        **{"pending": "still pending", "hung": "waits for ever", "deadlocks": "deadlock"},
        **{"serialization_failures": "serialization failure", "refused_locks": "lock refused", "errors": "error"},
    }

    assert [signs[name] for name in WORST_FIRST] == list(SIGNS)
