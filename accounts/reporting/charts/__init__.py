"""Pure: values in, the geometry of a picture out. Templates draw it as SVG, with the same numbers as text."""

from accounts.reporting.charts.answer_bars import AnswerBar, answer_bars
from accounts.reporting.charts.lanes import Lanes, Operation, draw_lanes
from accounts.reporting.charts.marks import Mark
from accounts.reporting.charts.names import AUDITS
from accounts.reporting.charts.shares import Part, shares
from accounts.reporting.charts.totals import DOCUMENT_HEIGHT, AuditPoint, Dot, TotalsChart, totals_chart
from accounts.reporting.charts.windows import MAX_SPAN_S, MIN_SPAN_S, Window

__all__ = [
    "AUDITS",
    "DOCUMENT_HEIGHT",
    "MAX_SPAN_S",
    "MIN_SPAN_S",
    "AnswerBar",
    "AuditPoint",
    "Dot",
    "Lanes",
    "Mark",
    "Operation",
    "Part",
    "TotalsChart",
    "Window",
    "answer_bars",
    "draw_lanes",
    "shares",
    "totals_chart",
]
