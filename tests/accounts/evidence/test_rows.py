"""A token is believed only with the balance that belongs to it."""

import pytest

from accounts.evidence import History, Movement
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import as_values, explain_audits
from accounts.models import Audit

OPENING = {1: 1000, 2: 1000}
MOVED = Movement(7, 1, 2, 30, None, None)
HISTORY = History(OPENING, [MOVED], {1: 7, 2: 7})
NARRATE = Narrator(movements={7: MOVED}, numbers={1: 1, 2: 2})


def audit(*readings: tuple[int, int, int | None]) -> Audit:
    taken = Audit(pk=1, status=Audit.Status.TAKEN, expected_total=2000)
    taken.keep(list(readings))
    return taken


@pytest.mark.parametrize(
    ("readings", "torn"),
    [
        ([(1, 1000, None), (2, 1000, None)], False),
        ([(1, 970, 7), (2, 1030, 7)], False),
        ([(1, 1000, None), (2, 1030, 7)], True),
    ],
)
def test_balance_with_its_own_token_is_explained(readings, torn):
    (finding,) = explain_audits(HISTORY, [audit(*readings)])

    assert (finding.is_torn, finding.mismatched, finding.is_explained) == (torn, (), True)


@pytest.mark.parametrize(
    ("readings", "mismatched"),
    [
        ([(1, 1000, 7), (2, 1000, None)], (1,)),  # right, and its tokens were read later
        ([(1, 1000, None), (2, 1030, None)], (2,)),  # torn, and its tokens were read before
        ([(1, 970, None), (2, 1030, None)], (1, 2)),  # kept no tokens
        ([(1, 1000, 99), (2, 1000, None)], (1,)),  # a token that nothing is known of
    ],
)
def test_balance_with_another_token_is_named_and_told_as_no_story(readings, mismatched):
    (finding,) = explain_audits(HISTORY, [audit(*readings)])

    assert (finding.explanation, finding.mismatched) == (None, mismatched)
    values = as_values(finding, NARRATE)
    assert (values["torn"], values["half_seen"], values["mismatched"]) == (None, [], list(mismatched))
    assert "do not belong together, so that nothing can be explained." in values["story"]


def test_sum_without_readings_has_no_token_that_could_be_wrong():
    taken = Audit(pk=1, status=Audit.Status.TAKEN, expected_total=2000)
    taken.keep(2000)

    (finding,) = explain_audits(HISTORY, [taken])

    assert (finding.explanation, finding.mismatched) == (None, ())
    assert finding.tell(NARRATE).endswith("it kept no readings, so nothing is known but its total.")


def test_balance_after_a_lost_update_belongs_to_the_token_that_wrote_it():
    late = Movement(8, 1, 2, 5, None, None)
    history = History(OPENING, [MOVED, late], {1: 8, 2: 8})

    (finding,) = explain_audits(history, [audit((1, 995, 8), (2, 1005, 8))])

    assert finding.mismatched == ()
