"""From values to places in a picture: one straight scale for every axis."""

from collections.abc import Iterable
from typing import NamedTuple


class Scale(NamedTuple):
    """Where values are drawn. A vertical axis has its `low_at` below, which is the larger number in SVG."""

    #: The lowest value and its place in the picture.
    low: float
    low_at: float
    #: The highest value and its place.
    high: float
    high_at: float

    @classmethod
    def over(cls, values: Iterable[float], low_at: float, high_at: float) -> "Scale":
        """The scale from the lowest of the values to the highest."""
        numbers = list(values) or [0]
        return cls(min(numbers), low_at, max(numbers), high_at)

    def __call__(self, value: float) -> float:
        """The place of a value, to a tenth of a pixel; in the middle if the scale has only one value."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.low_at + share * (self.high_at - self.low_at), 1)
