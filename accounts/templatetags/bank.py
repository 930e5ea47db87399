"""What templates ask for: the first page's facts, which no view of ours gives, and amounts with their sign."""

from django import template

from accounts.evidence.amounts import signed as with_sign
from accounts.reporting.home import Home, observe_home

register = template.Library()


@register.simple_tag
def home() -> Home:
    """The workers' heartbeat and the last storms."""
    return observe_home()


@register.filter
def signed(amount: int) -> str:
    """An amount of money with its sign."""
    return with_sign(amount)
