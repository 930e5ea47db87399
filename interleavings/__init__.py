"""Every interleaving of any Django code, on a real PostgreSQL: proves a race, and proves its repair."""

from interleavings.api import explore
from interleavings.errors import CannotExplore
from interleavings.report.report import Report

__all__ = ["CannotExplore", "Report", "explore"]
