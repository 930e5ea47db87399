"""Records of labs are seen by their own students, and lead to the lab's page."""

import pytest
from django.urls import reverse

from tests.support.labs import ANSWERS, TRUTH, VERDICT, keep_record, labs_url
from tests.support.pages import content

pytestmark = pytest.mark.django_db


def test_students_see_nothing_of_each_other(anna):
    record = keep_record("ben", prediction=ANSWERS, truth=TRUTH, verdict=VERDICT, shown_at="2026-01-01T00:00Z")

    page = content(anna.get(labs_url("_lab", 2), {"student": "ben"}))

    assert "3 of 8" not in page
    assert labs_url("_predict", 2) in page, "it is anna's own page"
    assert anna.get(labs_url("_board")).status_code == 403
    assert anna.get(reverse("admin:accounts_labrecord_change", args=[record.pk])).status_code == 404
    assert anna.get(reverse("admin:accounts_labrecord_history", args=[record.pk]), follow=True).redirect_chain


def test_record_leads_to_its_labs_page(teacher):
    record = keep_record("a b&c")

    response = teacher.get(reverse("admin:accounts_labrecord_change", args=[record.pk]))

    assert response.url == f"{labs_url('_lab', 2)}?student=a+b%26c"
