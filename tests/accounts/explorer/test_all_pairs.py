"""Every strategy that exists has a verdict, and it is what the strategy promises."""

import pytest

from accounts import strategies

AUDITS_THAT_READ_ONE_MOMENT = {"optimistic", "repeatable_read", "row_lock", "serializable", "single_statement"}
AUDITS_THAT_LOCK_OUT_OF_ORDER = {"unordered_row_lock"}
SAME_PROTOCOL = {"advisory_lock", "file_lock", "python_lock", "python_account_locks"}


@pytest.mark.parametrize("transfer_with", ["row_lock", "no_transaction"])
def test_every_audit_has_a_verdict(explore, transfer_with):
    for audit_with in strategies.names("audit"):
        check(explore, transfer_with, audit_with)


@pytest.mark.parametrize("audit_with", ["row_lock", "no_lock"])
def test_every_transfer_has_a_verdict(explore, audit_with):
    for transfer_with in strategies.names("transfer"):
        check(explore, transfer_with, audit_with)


def check(explore, transfer_with: str, audit_with: str) -> None:
    found = explore(transfer_with, audit_with)

    pair = f"{transfer_with} x {audit_with}"
    assert found["exhaustive"], pair
    assert found["lost_updates"] == found["drift"] == found["hung"] == 0, pair
    if strategies.is_transactional(transfer_with):
        holds = AUDITS_THAT_READ_ONE_MOMENT | AUDITS_THAT_LOCK_OUT_OF_ORDER | (SAME_PROTOCOL & {transfer_with})
        assert (found["torn"] == 0) == (audit_with in holds | {"single_sum"}), pair


@pytest.mark.parametrize("strategy", sorted(SAME_PROTOCOL))
def test_separate_processes_share_files_and_the_database_and_no_python_lock(explore, strategy):
    found = explore(strategy, strategy, processes="separate")

    assert (found["torn"] > 0) == strategy.startswith("python_")
