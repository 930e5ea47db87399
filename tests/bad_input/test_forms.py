"""Forms that are filled in with what cannot be. Each row: the form, what was typed, a part of what the page says."""

import pytest
from django.urls import reverse
from django.utils.html import escape

LAUNCH = {
    **{"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 20, "audit_count": 2},
    **{"account_count": 6, "thread_count": 1, "max_amount": 100, "seed": 1},
}
EXPLORE = {
    **{"transfer_with": "row_lock", "audit_with": "no_lock", "transfers": "1>2:30", "processes": "shared"},
    **{"account_count": 2, "audit_count": 1},
}
FORMS = {"storm": LAUNCH, "savedexploration": EXPLORE}

ROWS = [
    ("storm", {"transfer_count": "0"}, "choose 1 to 1,000,000."),
    ("storm", {"transfer_count": "-5"}, "Ensure this value is greater than or equal to 0."),
    ("storm", {"transfer_count": ""}, "This field is required."),
    ("storm", {"transfer_count": "many"}, "Enter a whole number."),
    ("storm", {"transfer_count": "9" * 40}, "Ensure this value is less than or equal to 9223372036854775807."),
    ("storm", {"audit_count": "100001"}, "choose 0 to 100,000."),
    ("storm", {"account_count": "1"}, "choose 2 to 1,000,000."),
    ("storm", {"account_count": "1000000", "audit_count": "100"}, "would keep 100,000,000 readings: choose fewer"),
    ("storm", {"thread_count": "65"}, "choose 1 to 64."),
    ("storm", {"thread_count": "64"}, "need 267 database connections, and the server has"),
    ("storm", {"max_amount": "44501"}, "max amount cannot be 44,501: all accounts together hold 44,500."),
    ("storm", {"seed": "1.5"}, "Enter a whole number."),
    ("storm", {"transfer_with": ""}, "This field is required."),
    ("storm", {"transfer_with": "/tmp/mine.py"}, "Select a valid choice."),
    ("storm", {"transfer_with": "<script>alert(1)</script>"}, "Select a valid choice."),
    ("storm", {"audit_with": "batch"}, "Select a valid choice. batch is not one of the available choices."),
    ("savedexploration", {"transfers": ""}, "This field is required."),
    ("savedexploration", {"transfers": "1>1:5"}, "A transfer cannot be '1>1:5': choose two different accounts"),
    ("savedexploration", {"transfers": "<b>ü</b>"}, "A transfer cannot be '<b>ü</b>': write SOURCE>TARGET:AMOUNT"),
    ("savedexploration", {"transfers": "1>2:0"}, "A transfer cannot be '1>2:0'"),
    ("savedexploration", {"transfers": "1>2:5," * 40}, "Ensure this value has at most 200 characters"),
    ("savedexploration", {"transfers": "1>9:5"}, "There is no account 9 among 2"),
    ("savedexploration", {"account_count": "1"}, "greater than or equal to 2"),
    ("savedexploration", {"audit_count": "7"}, "less than or equal to 6"),
    ("savedexploration", {"audit_count": "6"}, "cannot be explored: choose 1 to 6 sessions."),
    ("savedexploration", {"processes": "many"}, "Select a valid choice."),
    ("savedexploration", {"audit_with": "my_fix.py"}, "Select a valid choice."),
]


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(("form", "typed", "sentence"), ROWS, ids=[f"{row[0]} {str(row[1])[:50]}" for row in ROWS])
def test_error_form_that_cannot_be(form, typed, sentence, unchanged, admin_client, four_workers):
    response = admin_client.post(reverse(f"admin:accounts_{form}_add"), FORMS[form] | typed)

    content = response.content.decode()
    assert response.status_code == 200
    assert escape(sentence) in content
    assert "errornote" in content
    assert "<script>alert" not in content
