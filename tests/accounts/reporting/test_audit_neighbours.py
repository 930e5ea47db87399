"""What is drawn of an audit: the accounts that matter, and the few versions on either side of its cut."""

import pytest

from accounts.evidence.rows import half_seen_of
from accounts.reporting import audit_neighbours
from tests.support.storms import apply, keep_audit, launched_storm, read, torn_audit

pytestmark = pytest.mark.django_db(transaction=True)


def test_half_seen_transfer_crosses_between_its_two_accounts():
    audit = torn_audit()
    moved = audit.storm.transfers.get()

    neighbourhood = audit_neighbours.of_audit(audit, half_seen_of(audit))

    sides = {lane.number: (lane.seen, lane.unseen) for lane in neighbourhood.lanes if lane.number in (1, 6)}
    assert [(seen.transfer, seen.amount) for seen in neighbourhood.crossing] == [(moved.pk, 77)]
    assert sides == {1: ((), (moved.pk,)), 6: ((moved.pk,), ())}


def test_no_more_lanes_are_drawn_than_have_room(monkeypatch):
    monkeypatch.setattr(audit_neighbours, "MAX_LANES", 4)
    storm = launched_storm(transfer_count=40, account_count=30)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[:15], *read(storm.bank)[15:]])

    neighbourhood = audit_neighbours.of_audit(audit, half_seen_of(audit))

    half_seen = {seen["transfer"] for seen in audit.explanation["half_seen"]}
    left_out = {seen.transfer for seen in neighbourhood.left_out}
    assert len(neighbourhood.lanes) <= 4
    assert {seen.transfer for seen in neighbourhood.crossing} | left_out == half_seen
    assert left_out


def test_versions_are_walked_back_a_bounded_number_of_steps(monkeypatch):
    monkeypatch.setattr(audit_neighbours, "MAX_STEPS", 3)
    storm = launched_storm(transfer_count=20, account_count=2)
    apply(storm, storm.transfers.all())

    neighbourhood = audit_neighbours.of_audit(keep_audit(storm, read(storm.bank)), [])

    assert [len(lane.seen) for lane in neighbourhood.lanes] == [3, 3]
