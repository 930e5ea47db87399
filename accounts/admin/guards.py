"""Views that do something: by POST only, and only for users with the permission."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

View = Callable[..., HttpResponse]


def require(is_allowed: bool) -> None:
    """Raises PermissionDenied (403) if it is not allowed."""
    if not is_allowed:
        raise PermissionDenied


def post_only(page: str) -> Callable[[View], View]:
    """A decorator for views of a ModelAdmin that do something.

    A GET changes nothing and is sent to the admin's page of this name, which takes the same arguments. That happens to
    a user whose session had expired: after the login, the browser asks for the address of the button with a GET.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def view_by_post(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(f"admin:{page}", *args, *kwargs.values())
            return view(self, request, *args, **kwargs)

        return view_by_post

    return decorate
