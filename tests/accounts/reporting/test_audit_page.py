"""Everything that is shown of one audit, whatever kind it is."""

import pytest

from accounts.models import Transfer
from accounts.reporting.audit_page import audit_page
from accounts.reporting.audit_tables import Folded
from tests.support.storms import apply, keep_audit, launched_storm, read, torn_audit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("count", "unfolded"), [(0, 0), (12, 12), (13, 10), (40, 10)])
def test_long_table_is_folded_after_ten_rows(count, unfolded):
    rows = [{"row": number} for number in range(count)]

    folded = Folded.of(rows)

    assert (len(folded.first), [*folded.first, *folded.rest]) == (unfolded, rows)


def test_largest_half_seen_transfer_is_told_unless_another_one_is_chosen():
    storm = launched_storm(transfer_count=40)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    audit = keep_audit(storm, [*before[:3], *read(storm.bank)[3:]])
    half_seen = sorted(audit.explanation["half_seen"], key=lambda seen: abs(seen["amount"]))

    largest = abs(half_seen[-1]["amount"])
    assert audit_page(audit).order.adds in (f"+{largest:,}", f"-{largest:,}")
    assert audit_page(audit, transfer=half_seen[0]["transfer"]).order.transfer == half_seen[0]["transfer"]


def test_totals_add_up_to_what_the_audit_is_off_by():
    page = audit_page(torn_audit())

    assert [line.amount for line in page.sums] == ["+77", "+77"]
    assert [row.half_seen.transfer for row in page.half_seen.first] == [Transfer.objects.get().pk]


def test_audit_that_is_not_judged_shows_what_it_read_and_no_picture():
    storm = launched_storm()
    audit = keep_audit(storm, read(storm.bank))

    page = audit_page(audit)

    assert page.picture is None
    assert [row.balance for row in page.readings.first] == ["5,000", "10,000", "7,500", "7,000", "6,000", "9,000"]
