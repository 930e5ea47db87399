"""What the admin's own pages, which have no view of ours, ask for."""

from django import template

from accounts.reporting.home import Home, observe_home

register = template.Library()


@register.simple_tag
def home() -> Home:
    """The workers' heartbeat and the last storms."""
    return observe_home()
