"""Pure: the picture of an audit as a cut through the history. Who wrote what after what in, the geometry out.

Each account is a lane, and each transfer an arrow between two lanes. From left to right, every lane shows its versions
in the order in which they replaced each other, as the tokens say; no clock is asked. The audit's readings are joined by
a line, the cut: left of it is what the audit saw. An arrow that crosses it was seen on one account only.
"""

from accounts.reporting.charts.cut.lanes import Account, Lane, Leg, Move
from accounts.reporting.charts.cut.order import in_order
from accounts.reporting.charts.cut.picture import Arrow, Picture, draw

__all__ = ["Account", "Arrow", "Lane", "Leg", "Move", "Picture", "draw", "in_order"]
