"""A check that refutes a file says first if there is no race in it."""

import pytest

from accounts.labs.catalogue import find_lab
from accounts.labs.checks import NO_RACE
from accounts.labs.grading import check

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "from accounts.models import Transfer\n\n\ndef transfer(order):\n    "


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("order.end(Transfer.Status.APPLIED)", "an account ends with the wrong balance"),
        ("pass", "a transfer is still pending"),
    ],
)
def test_wrong_without_a_race(tmp_path, body, what):
    file = tmp_path / "my_fix.py"
    file.write_text(f"{HEAD}{body}\n")

    message = check(find_lab(3), file, student="anna", with_storm=False, until_refuted=True).checks[-1].outcome.message

    assert message.startswith(f"{NO_RACE} In ")
    assert f"schedules {what}. " in message
    assert "is let in before COMMIT" not in message


def test_race_is_not_called_none():
    lab = find_lab(3)

    message = check(lab, lab.exercise, student="anna", with_storm=False, until_refuted=True).checks[-1].outcome.message

    assert message.startswith("In ")
