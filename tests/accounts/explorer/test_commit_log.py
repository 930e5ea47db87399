"""What was committed is known also while a session lets no other one read the accounts: LOCK TABLE, ALTER TABLE."""

import pytest

SHUTS, LETS_GO = "my/table_lock", "my/table_lock_let_go"
CROSSING = "1>2:30,2>1:5"


@pytest.mark.parametrize(
    ("transfers_by", "transfers", "count"),
    [
        ("row_lock", "1>2:30", 8),
        (SHUTS, "1>2:30", 10),
        pytest.param("row_lock", CROSSING, 144, marks=pytest.mark.thorough),
    ],
)
def test_audit_that_shuts_all_others_out_is_right(explore, transfers_by, transfers, count):
    found = explore(transfers_by, SHUTS, transfers=transfers)

    assert (found["exhaustive"], found["schedules"]) == (True, count)
    assert found["torn"] == found["impossible"] == found["wrong_total"] == found["errors"] == 0
    assert found["blocked"] > 0


@pytest.mark.thorough
def test_audit_between_two_transfers_of_which_one_waits_for_it_is_right(explore):
    """What the first one has committed can be read by the audit alone: the second one shuts it away again."""
    found = explore(SHUTS, SHUTS, transfers=CROSSING)

    assert (found["exhaustive"], found["schedules"]) == (True, 240)
    assert found["torn"] == found["impossible"] == found["lost_updates"] == found["errors"] == 0


@pytest.mark.parametrize("prune", [True, False])
def test_audit_that_lets_go_too_early_is_torn(explore, prune):
    found = explore("row_lock", LETS_GO, prune=prune)

    assert (found["exhaustive"], found["torn"], found["wrong_total"], found["schedules"]) == (True, 7, 7, 29)


def test_audit_that_writes_before_it_shuts_all_others_out_is_right(explore, tmp_path):
    """Its own transaction shows what it has not committed: so what was is read when it has ended."""
    file = tmp_path / "writes_first.py"
    file.write_text(
        "from django.db import connection, transaction\n"
        "from accounts.models import Account\n"
        "from accounts.ledger import read\n\n\n"
        "def audit(bank):\n"
        "    with transaction.atomic(), connection.cursor() as cursor:\n"
        "        type(bank).objects.filter(pk=bank.pk).update(name=bank.name)\n"
        "        cursor.execute('LOCK TABLE accounts_account')\n"
        "        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]\n"
    )
    found = explore("one_statement", str(file))

    assert found["exhaustive"]
    assert found["torn"] == found["impossible"] == found["wrong_total"] == found["errors"] == 0
