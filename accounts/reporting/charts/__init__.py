"""Pure: values in, the geometry of a picture out. Templates draw it as SVG, with the same numbers as text."""

from accounts.reporting.charts.lanes import Lanes, Operation, draw_lanes
from accounts.reporting.charts.marks import Mark
from accounts.reporting.charts.names import AUDITS
from accounts.reporting.charts.shares import Part, shares
from accounts.reporting.charts.totals import AuditPoint, TotalsChart, totals_chart
from accounts.reporting.charts.waits import Session, Waits, draw_waits
from accounts.reporting.charts.windows import LONGEST_S, SHORTEST_S, Window

__all__ = [
    "AUDITS",
    "LONGEST_S",
    "SHORTEST_S",
    "AuditPoint",
    "Lanes",
    "Mark",
    "Operation",
    "Part",
    "Session",
    "TotalsChart",
    "Waits",
    "Window",
    "draw_lanes",
    "draw_waits",
    "shares",
    "totals_chart",
]
