"""What a check says of a file that does what nobody thought of."""

import pytest

from accounts.labs.cases import Case
from accounts.labs.checks import sees_the_end
from accounts.labs.submission import Submission
from accounts.labs.variants import variant_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_error_audit_that_takes_no_step(tmp_path):
    file = tmp_path / "my_fix.py"
    file.write_text("def audit(bank):\n    return [(pk, 5000, None) for pk in bank.account_pks]\n")
    case = Case("{first}>{second}:{amount}", accounts=2, transfer_with="row_lock")

    outcome = sees_the_end("sees", 1, case=case).examine(Submission(file, variant_of("anna", "a lab")))

    assert (outcome.is_passed, outcome.message) == (
        False,
        "The audit takes no step: it asks the database for nothing. It must read.",
    )
