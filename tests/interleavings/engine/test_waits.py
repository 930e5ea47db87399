"""Waits that are not for a row: for a safe snapshot. And reads that come later than their statement."""

import pytest


def test_transaction_that_waits_for_a_safe_snapshot_is_seen_to_wait(explore):
    """It waits for the end of all that are SERIALIZABLE, and pg_blocking_pids says nothing of them."""
    found = explore("my/read_only_deferrable", "my/read_only_deferrable")

    assert found["exhaustive"]
    assert found["blocked"] > 0
    assert found["torn"] == found["errors"] == 0


def test_safe_snapshot_is_not_waited_for_beside_read_committed(explore):
    found = explore("row_lock", "my/read_only_deferrable")

    assert found["exhaustive"]
    assert found["blocked"] == found["torn"] == 0


def test_cursor_reads_one_moment_and_its_fetches_are_pruned(explore):
    pruned, whole = (explore("row_lock", "my/cursor_by_hand", prune=prune) for prune in (True, False))

    assert pruned["torn"] == whole["torn"] == 0
    assert pruned["schedules"] == whole["schedules"] == whole["run"]
    assert pruned["run"] < 10 < whole["run"]


@pytest.mark.thorough
def test_cursor_over_writes_outside_of_a_transaction_is_wrong_and_that_is_counted_alike(explore):
    pruned, whole = (explore("no_transaction", "my/cursor_by_hand", prune=prune) for prune in (True, False))

    assert 0 < pruned["wrong_total"] == whole["wrong_total"]
    assert pruned["torn"] == whole["torn"]
