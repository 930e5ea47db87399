"""Markdown on pages: the labs' texts, and sentences with `code` in them."""

from django import template
from django.utils.safestring import SafeString

from accounts.labs.prose import as_html

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    """The text as HTML."""
    return as_html(text)
