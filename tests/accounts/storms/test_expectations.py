"""How a storm came out, and the sentence on it: torn, incomplete and wrong audits over money that is right."""

import pytest

from accounts.storms.expectations import Outcome
from accounts.storms.report_text import in_words
from tests.support.reports import a_report


@pytest.mark.parametrize(
    ("audits", "outcome", "sentence"),
    [
        ({}, "holds", "It holds: no audit was torn or wrong, and no money was made or lost."),
        (
            {"torn": 3, "incomplete": 2, "wrong_total": 5},
            "torn",
            "It is torn: the money is right, but 3 of 40 audits saw half a transfer.",
        ),
        ({"incomplete": 2}, "torn", "The money is right, and 2 of 40 audits did not read every account."),
        ({"wrong_total": 5}, "torn", "The money is right, and 5 of 40 audits have a wrong total."),  # bare sums
    ],
)
def test_wrong_audits_over_right_money(audits, outcome, sentence):
    report = a_report(audits={"planned": 40, "taken": 40} | audits)

    assert (Outcome.of(report), in_words(report)) == (Outcome(outcome), sentence)


@pytest.mark.parametrize(
    ("torn", "sentence"),
    [
        (0, "It was not finished: it is stopped."),
        (3, "It was not finished: it is stopped. Until then, 3 of 40 audits saw half a transfer."),
    ],
)
def test_storm_that_was_stopped_says_what_was_seen_until_then(torn, sentence):
    report = a_report(state="stopped", audits={"planned": 90, "taken": 40, "torn": torn})

    assert in_words(report) == sentence
