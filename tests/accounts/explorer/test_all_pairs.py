"""Every strategy that exists has a verdict, and it is what the strategy promises."""

import pytest

from accounts import strategies
from accounts.storms.expectations import Outcome, expected
from accounts.strategies.shared.promises import Among, Beside

SAME_PROTOCOL = [name for name in strategies.names("audit") if strategies.audits_hold(name) is Beside.OWN_TRANSFERS]


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("transfer_with", ["row_lock", "no_transaction"])
def test_every_audit_has_a_verdict(explore, transfer_with):
    for audit_with in strategies.names("audit"):
        check(explore, transfer_with, audit_with)


@pytest.mark.thorough(every=2)
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
        # One transfer alone is always right: among no one, it is the audit that counts.
        holds = expected(transfer_with, audit_with, among=Among.NO_ONE) is Outcome.HOLDS
        assert (found["torn"] == 0) == holds, pair


def test_lock_that_is_not_shared_among_processes_does_not_hold_among_them(explore):
    assert SAME_PROTOCOL
    for strategy in SAME_PROTOCOL:
        found = explore(strategy, strategy, processes="separate")

        assert (found["torn"] > 0) == (strategies.transfers_hold(strategy) < Among.PROCESSES), strategy
