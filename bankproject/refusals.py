"""What is answered to a request that Django does not take."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBadRequest
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """The page of the status 400: too much was sent; or the server was asked under a name that it does not know."""
    context = {"is_unknown_name": isinstance(exception, DisallowedHost)}
    return HttpResponseBadRequest(render_to_string("400.html", context))
