"""Requests that Django does not take are told why."""

import pytest
from django.http import HttpResponse


def said(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def test_error_address_with_an_unknown_name_says_which_ones_are_known(client):
    response = client.get("/admin/login/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert "The server is not known by the name in this address." in said(response)
    assert "More was sent" not in said(response)
    assert "evil" not in said(response)


@pytest.mark.django_db
def test_error_form_with_too_many_fields(admin_client):
    response = admin_client.post("/admin/accounts/storm/add/", {f"field{number}": "" for number in range(1001)})

    assert response.status_code == 400
    assert "More was sent than a page of ours takes" in said(response)
