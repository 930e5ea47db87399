"""The admin's frame: answers after the session has expired, and the pages of a refusal and of a wrong address."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from accounts.admin import labs
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def test_part_of_a_page_without_a_login_gets_the_whole_page_loaded_again():
    storm = launched_storm()
    for name in ("change", "workers", "row"):
        response = Client().get(reverse(f"admin:accounts_storm_{name}", args=[storm.pk]), headers=HTMX)

        assert (response.status_code, response.headers["HX-Refresh"], response.content) == (200, "true", b"")


def test_whole_page_without_a_login_leads_to_the_login():
    response = Client().get(reverse("admin:labs_board"))

    assert response.url.startswith(reverse("admin:login"))


def test_after_a_new_login_the_address_of_a_button_leads_to_its_page(admin_client):
    """The browser asks for it by GET: the login's redirect has no POST in it."""
    storm = launched_storm()
    address = reverse("admin:accounts_storm_stop", args=[storm.pk])
    expired = Client()

    login = expired.post(address)
    response = admin_client.get(address, follow=True)

    assert login.url == f"{reverse('admin:login')}?next={address}"
    assert response.redirect_chain == [(reverse("admin:accounts_storm_change", args=[storm.pk]), 302)]
    assert storm.is_still_running(), "a GET changes nothing"


def test_page_that_is_not_there_has_the_name_of_the_site(admin_client):
    response = admin_client.get("/admin/accounts/storm/999999/change/")

    assert response.status_code == 404
    assert '<a href="/admin/">Torn Totals</a>' in response.content.decode()


def test_refusal_says_who_is_logged_in_and_offers_another_login(client):
    student = User.objects.create_user("anna", is_staff=True)
    student.groups.add(Group.objects.get(name="student"))
    client.force_login(student)

    response = client.get(reverse("admin:accounts_storm_add"))

    page = response.content.decode()
    assert response.status_code == 403
    assert '<a href="/admin/">Torn Totals</a>' in page
    assert "You are logged in as <strong>anna</strong>." in page
    assert f'<form method="post" action="{reverse("admin:logout")}">' in page


def test_button_of_a_page_that_is_too_old_says_so_in_our_words():
    careful = Client(enforce_csrf_checks=True)

    response = careful.post(reverse("admin:logout"))

    page = response.content.decode()
    assert response.status_code == 403
    assert "This page is too old" in page
    assert '<a href="/admin/">Torn Totals</a>' in page
    assert "<style" not in page, "the Content-Security-Policy would not let it be"


def test_error_of_ours_says_where_it_is_explained(admin_client, monkeypatch):
    admin_client.raise_request_exception = False
    monkeypatch.setattr(labs, "all_labs", lambda: 1 / 0)

    response = admin_client.get(reverse("admin:labs"))

    page = response.content.decode()
    assert response.status_code == 500
    assert "has written into its log what it was" in page
    assert '<a href="/admin/">Torn Totals</a>' in page


def test_logout_that_is_loaded_again_leads_to_the_login(admin_client):
    address = reverse("admin:logout")
    assert admin_client.get(address).url == reverse("admin:index")
    assert admin_client.get(reverse("admin:index")).status_code == 200, "a GET ends no session"

    admin_client.post(address)

    assert admin_client.get(address, follow=True).redirect_chain[-1][0].startswith(reverse("admin:login"))
