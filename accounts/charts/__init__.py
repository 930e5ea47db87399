"""Pure: values in, the geometry of a picture out. Templates draw it as SVG, with the same numbers as text."""

from accounts.charts.lanes import LONGEST_S, SHORTEST_S, Lanes, Mark, Operation, Window, draw_lanes
from accounts.charts.shares import Part, shares
from accounts.charts.totals import AuditPoint, TotalsChart, totals_chart
from accounts.charts.waits import Session, Waits, draw_waits

__all__ = [
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
