"""What commands take and give: a storm by its number, tables as CSV."""

import pytest

from accounts.errors import BankError
from accounts.management.arguments import find_storm, to_csv
from tests.support.storms import launched_storm


@pytest.mark.django_db
def test_storm_is_found_by_its_number_or_as_the_last_one():
    first, second = launched_storm(transfer_count=1), launched_storm(transfer_count=1)

    assert [find_storm(str(first.pk)), find_storm("last")] == [first, second]


@pytest.mark.django_db
def test_error_storm_that_is_not_there_names_some_that_are():
    storm = launched_storm(transfer_count=1)

    with pytest.raises(BankError, match=f"There is no storm '99999999': the newest are {storm.pk}"):
        find_storm("99999999")


def test_value_inside_a_value_becomes_a_column_of_its_own():
    assert to_csv([{"id": 1, "audits": {"torn": 2}}, {"id": 3, "more": 4}]) == "id,audits.torn,more\n1,2,\n3,,4"
