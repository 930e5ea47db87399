"""Links from each thing to the next, and how moments are written."""

from datetime import datetime

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Audit, Transfer


def link(model: type[Model], pk: int | None, text: str) -> str | SafeString:
    """A link to the admin's page of a row; only the text where there is none."""
    if pk is None:
        return text
    return format_html(
        '<a href="{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_change", args=[pk]), text
    )


def list_link(model: type[Model], text: str, **filters: int) -> SafeString:
    """A link to the admin's list of a model's rows, filtered."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html(
        '<a href="{}?{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_changelist"), query, text
    )


def moment(row: Audit | Transfer) -> str:
    """When it began, as a second of its storm, and how long it took. (A time of day would need microseconds.)"""
    if row.started_at is None:
        return "It has not begun."
    began = row.storm.started_at if row.storm else None
    here = timezone.localtime(row.started_at)  # as all pages say the time
    start = f"second {_seconds(began, row.started_at):.3f} of the storm" if began else f"{here:%Y-%m-%d %X}"
    took = (
        f"took {1000 * _seconds(row.started_at, row.ended_at):,.1f} ms" if row.ended_at else "its end was not recorded"
    )
    return f"{start}, {took}"


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()
