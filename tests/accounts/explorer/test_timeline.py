"""Steps as lines of a timeline: short, in the accounts' own numbers, with what they read, wrote and waited for."""

import pytest

from accounts.explorer.timeline import describe, heading, lines
from interleavings.engine.step import Step
from tests.support.explorations import plan

NUMBERS = {101: 1, 102: 2}
END = (
    'UPDATE "accounts_transfer" SET "source_based_on" = %s, "target_based_on" = %s, "status" = %s '
    'WHERE ("accounts_transfer"."id" = %s AND "accounts_transfer"."status" = %s)'
)
UPDATE = "UPDATE accounts_account SET balance = %s, last_transfer = %s WHERE id = %s"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("t", UPDATE, (4970, 7, 101)), "UPDATE 1 SET balance = 4,970"),
        (Step("t", UPDATE, (4970, 7, 101), row_count=0), "UPDATE 1 SET balance = 4,970 -> no such row any more"),
        (Step("t", END, (None, 3, "applied", 9, "pending")), "UPDATE transfer SET status = applied"),
        (Step("t", "UPDATE accounts_transfer SET reason = %s", ("x",)), "UPDATE accounts_transfer SET reason = %s"),
        (Step("t", "acquire LOCK"), "take LOCK"),
        (Step("t", "acquire LOCK", row_count=0), "take LOCK -> it is taken"),
        (Step("a", "COMMIT", error="40001"), "COMMIT -> ERROR 40001"),
    ],
)
def test_step_is_said_in_a_few_words(step, text):
    (line,) = lines([step], NUMBERS)

    assert (line.text, line.went_on) == (text, {})


def test_step_that_waited_goes_on_where_it_was_freed():
    steps = [
        Step("t", UPDATE, (4970, 7, 101)),
        Step("a", UPDATE, (4965, 8, 101), waited_for=["t"], freed_by=2),
        Step("t", "COMMIT"),
    ]

    shown = lines(steps, NUMBERS)

    assert shown[1].text == "UPDATE 1 SET balance = 4,965: waits for t"
    assert shown[2].went_on == {"a": "goes on"}


def test_sql_in_full_has_its_values():
    (line,) = lines([Step("t", UPDATE, (4970, 7, 101))], NUMBERS, full_sql=True)

    assert line.text == "UPDATE accounts_account SET balance = 4970, last_transfer = 7 WHERE id = 101"


def test_step_is_described_before_it_is_taken():
    assert describe(Step("t", UPDATE, (4970, 7, 102)), NUMBERS) == "UPDATE 2 SET balance = 4,970"


def test_heading_says_what_a_session_does():
    explored = plan("row_lock", "no_lock")

    assert [heading(explored, name) for name in ("t", "a")] == ["t: 1 > 2, 30 (row_lock)", "a: audit (no_lock)"]
