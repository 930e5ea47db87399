"""What the admin's own pages, which have no view of ours, ask for."""

from typing import Any

from django import template

from accounts.admin import links
from accounts.reporting.home import observe_house

register = template.Library()


@register.simple_tag
def house() -> dict[str, Any]:
    """The workers' heartbeat and the last storms."""
    return observe_house()


@register.filter
def signed(amount: int) -> str:
    """With its sign; 0 has none."""
    return links.signed(amount)
