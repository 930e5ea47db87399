"""The large bank refutes an audit that locks many of its accounts, and not one that locks enough of them."""

import pytest

from accounts.labs.checks import holds
from accounts.labs.large_bank import LargeBank
from accounts.labs.submission import Submission
from accounts.labs.variants import variant_of
from tests.support.thorough import every

pytestmark = pytest.mark.django_db(transaction=True)

AUDIT = """
from django.db import transaction

from accounts.ledger import read
from accounts.models import Account

def audit(bank):
    with transaction.atomic():
        list(bank.accounts.order_by("{order}")[:{locked}].select_for_update())
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
"""


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(
    ("order", "locked", "is_torn"),
    [
        *every(10, [(order, locked, True) for locked in (1, 250, 200, 128, 100) for order in ("-pk", "pk")]),
        ("pk", 256, False),  # every transfer has at least one account that is locked
    ],
)
def test_audit_that_locks_so_many_rows(tmp_path, order, locked, is_torn):
    file = tmp_path / "my_fix.py"
    file.write_text(AUDIT.format(order=order, locked=locked))
    check = holds("large", 1, case=LargeBank(transfer_with="row_lock"), claim="No audit is torn.")

    outcome = check.examine(Submission(file, variant_of("anna", "a lab")))

    assert outcome.is_passed != is_torn
    assert ("an audit is torn" in outcome.message) == is_torn
