"""Pure: values in, the geometry of a picture out. Templates draw it as SVG, with the same numbers as text."""

from accounts.charts.lanes import Lanes, Operation, draw_lanes
from accounts.charts.marks import Mark
from accounts.charts.names import AUDITS
from accounts.charts.shares import Part, shares
from accounts.charts.totals import AuditPoint, TotalsChart, totals_chart
from accounts.charts.waits import Session, Waits, draw_waits
from accounts.charts.windows import LONGEST_S, SHORTEST_S, Window

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
