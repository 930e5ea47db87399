"""What is kept of a student's work."""

import pytest

from accounts.labs import records
from accounts.labs.catalogue import find_lab
from tests.support.labs import ANSWERS, keep_record

pytestmark = pytest.mark.django_db


LAB = find_lab(2)


def test_prediction_that_comes_after_a_check_stays_in_the_terminal_too():
    record = keep_record("anna", prediction=ANSWERS, checked_at="2026-01-01T00:00Z")

    with pytest.raises(Exception, match="You have seen what a check of lab 2 found: what you predicted stays."):
        records.predict(record, LAB, ANSWERS)
