"""What a check says of a file that does something unusual."""

import pytest

from accounts.labs.cases import Case
from accounts.labs.checks import holds, sees_the_end
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


def test_error_audit_that_leaves_out_an_account_is_refuted_as_incomplete(tmp_path):
    file = tmp_path / "my_fix.py"
    left_out = "[read(account) for account in bank.accounts.filter(number__lt=3).order_by('pk')]"
    file.write_text(f"from accounts.ledger import read\n\n\ndef audit(bank):\n    return {left_out}\n")
    case = Case("1>2:{amount}", transfer_with="row_lock")

    outcome = holds("whole", 1, case=case, claim="No audit is torn.").examine(
        Submission(file, variant_of("anna", "a lab"))
    )

    assert not outcome.is_passed
    assert outcome.message.startswith(
        "This is no race: it is so also when one session runs after the other. "
        "In 5 of 5 schedules an audit does not read every account. The shortest: "
    )
    assert outcome.message.endswith("incomplete: did not read account 3 (7,500 short).")
