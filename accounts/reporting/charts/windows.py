"""The part of a storm that is looked at: it can be moved, and narrowed until what is in it can be drawn."""

from collections.abc import Sequence
from typing import NamedTuple

MIN_SPAN_S, MAX_SPAN_S = 0.01, 60.0
NARROW_BY = 0.8


class Window(NamedTuple):
    """Seconds of the storm."""

    at_s: float
    span_s: float

    @property
    def end_s(self) -> float:
        return self.at_s + self.span_s

    def shows(self, begin_s: float, end_s: float) -> bool:
        """Whether something that lasted so long has a part in it."""
        return end_s > self.at_s and begin_s < self.end_s

    def earlier(self) -> "Window":
        return self._of(self.at_s - self.span_s / 2, self.span_s)

    def later(self) -> "Window":
        return self._of(self.at_s + self.span_s / 2, self.span_s)

    def closer(self) -> "Window":
        return self._around(self.span_s / 2)

    def wider(self) -> "Window":
        return self._around(self.span_s * 2)

    def narrowed(self, extents: Sequence[tuple[float, float]], *, room: int, pivot: float) -> "Window":
        """Narrower and narrower, until at most `room` of these (begin, end) have a part in it, or it is the shortest.

        `pivot` is the place in the window that stays: 0 its beginning, 0.5 its middle, 1 its end.
        """
        window = self
        while window.span_s > MIN_SPAN_S and sum(window.shows(*extent) for extent in extents) > room:
            span_s = max(round(window.span_s * NARROW_BY, 4), MIN_SPAN_S)
            window = self._of(window.at_s + pivot * (window.span_s - span_s), span_s)
        return window

    def _around(self, span_s: float) -> "Window":
        span_s = min(max(span_s, MIN_SPAN_S), MAX_SPAN_S)
        return self._of(self.at_s + (self.span_s - span_s) / 2, span_s)

    @staticmethod
    def _of(at_s: float, span_s: float) -> "Window":
        return Window(round(max(0.0, at_s), 4), round(span_s, 4))
