"""PostgreSQL's percentiles."""

import pytest

from accounts.db.percentiles import Percentile


@pytest.mark.django_db
def test_percentile_lies_between_the_values(open_bank):
    bank = open_bank(10, 20, 40)

    found = bank.accounts.aggregate(median=Percentile(0.5, "balance"), three_quarters=Percentile(0.75, "balance"))

    assert found == {"median": 20.0, "three_quarters": 30.0}
