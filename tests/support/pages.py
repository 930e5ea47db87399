"""The admin's pages: their addresses, what they show, and staff who may do this and nothing else."""

from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Storm

HTMX = {"HX-Request": "true"}
MARKUP = "<script>alert(1)</script>"


def storm_url(storm: Storm, name: str = "change") -> str:
    return reverse(f"admin:accounts_storm_{name}", args=[storm.pk])


def content(response: HttpResponse) -> str:
    """A page with each run of white space as one blank; fail the test if it is an error or a redirect."""
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def log_in_with(*permissions: str, name: str = "viewer") -> Client:
    """The browser of a member of the staff who has these permissions only, such as "view_storm"."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client
