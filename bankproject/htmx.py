"""What htmx says about a request, by the header that django-htmx reads."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page, and puts the answer into the page that is there."""
    return bool(getattr(request, "htmx", False))
