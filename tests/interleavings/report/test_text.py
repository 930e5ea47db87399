"""What a failed test prints: the README shows it for a voucher that two customers use."""

import pytest
from django.conf import settings

from interleavings import explore
from tests.support.samples.models import Voucher
from tests.support.samples.races import redeem

pytestmark = pytest.mark.django_db(transaction=True)


def test_success_readme_shows_what_the_test_of_the_voucher_prints():
    Voucher.objects.create(pk=1, code="X")  # as in the README
    report = explore(anna=lambda: redeem("X", "anna"), ben=lambda: redeem("X", "ben"))

    with pytest.raises(AssertionError) as failure:
        report.assert_serializable()

    assert str(failure.value) in (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
