"""Links from each thing to the next, and how amounts are written."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def link(model: type, pk: int | None, text: str) -> str | SafeString:
    """A link to the admin's page of a row; only the text where there is none."""
    if pk is None:
        return text
    return format_html(
        '<a href="{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_change", args=[pk]), text
    )


def list_link(model: type, text: str, **filters: int) -> SafeString:
    """A link to the admin's list of a model's rows, filtered."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html(
        '<a href="{}?{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_changelist"), query, text
    )


def signed(amount: int) -> str:
    """With its sign; 0 has none."""
    return f"{amount:+,}" if amount else "0"
