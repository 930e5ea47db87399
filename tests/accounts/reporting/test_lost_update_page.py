"""One transfer and what was lost of it: who read the same balance, who wrote what, what is gone."""

import pytest

from accounts.models import Transfer
from accounts.reporting.lost_update_page import MAX_NAMED, lost_update_page
from tests.support.storms import launched_storm, storm_with_lost_updates

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


def test_two_transfers_read_the_same_balance_and_one_result_is_gone():
    storm = storm_with_lost_updates()
    lost, second = storm.transfers.order_by("pk")

    (side,) = lost_update_page(lost).sides

    assert (side.account, side.read, side.read_from) == (1, 5000, None)
    assert (side.lost.transfer, side.lost.adds, side.lost.wrote) == (lost.pk, "-10", 4990)
    assert (side.overwriter.transfer, side.overwriter.adds, side.overwriter.wrote) == (second.pk, "-11", 4989)
    assert side.should_be == 4979
    assert (side.also_lost, side.more_lost) == ([], 0)
    assert side.in_words.endswith("The account goes on from 4,989; 4,979 would be right.")


@pytest.mark.parametrize(("on_top", "named", "more"), [(1, 1, 0), (MAX_NAMED + 2, MAX_NAMED, 2)])
def test_transfers_that_wrote_on_top_are_gone_with_it(on_top, named, more):
    transfers = list(storm_with_lost_updates(on_top=on_top).transfers.order_by("pk"))

    (side,) = lost_update_page(transfers[on_top]).sides

    assert side.lost.transfer == transfers[0].pk
    assert (len(side.also_lost), side.more_lost) == (named, more)
    assert side.also_lost[-1] == (transfers[on_top].pk, f"-{10 + on_top}")  # the one that was asked for is named


def test_nothing_was_lost_of_the_transfer_that_counts():
    second = storm_with_lost_updates().transfers.last()

    page = lost_update_page(second)

    assert page.sides == []
    assert page.nothing_lost == f"No update of transfer {second.pk} was lost: both of its accounts hold what it wrote."


def test_nothing_was_lost_of_a_transfer_that_was_not_done():
    transfer = launched_storm().transfers.first()

    assert lost_update_page(transfer).nothing_lost.endswith("is pending: no update of it can have been lost.")


def test_write_that_was_never_made_is_said():
    storm = storm_with_lost_updates()
    second = storm.transfers.last()
    storm.bank.accounts.filter(pk=second.target_id).update(last_transfer=None)

    page = lost_update_page(second)

    assert (page.sides, page.never_written) == ([], [3])


def test_page_needs_few_queries(django_assert_num_queries):
    transfer = Transfer.objects.select_related("source", "target").get(
        pk=storm_with_lost_updates().transfers.first().pk
    )

    with django_assert_num_queries(6):  # with BEGIN's level and COMMIT
        lost_update_page(transfer)
