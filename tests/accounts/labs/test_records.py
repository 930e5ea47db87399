"""What is kept of a student's work."""

import pytest

from accounts.labs import records
from accounts.labs.catalogue import find_lab
from accounts.labs.verdict import LabVerdict
from tests.support.labs import ANSWERS, VERDICT, keep_record

pytestmark = pytest.mark.django_db


LAB = find_lab(2)


def test_prediction_that_comes_after_a_check_stays_in_the_terminal_too():
    record = keep_record("anna", prediction=ANSWERS, checked_at="2026-01-01T00:00Z")

    with pytest.raises(Exception, match="You have seen what a check of lab 2 found: what you predicted stays."):
        records.predict(record, LAB, ANSWERS)


def test_verdict_is_kept_whatever_a_files_messages_hold():
    odd = {**VERDICT["checks"][1], "message": "a\0b \ud800 \\u0000 é", "evidence": None}
    record = keep_record("anna")

    records.keep(record, LabVerdict.from_values(VERDICT | {"checks": [odd]}))

    record.refresh_from_db()
    assert record.verdict["checks"][0]["message"] == "a\ufffdb ? \\ufffd é"
