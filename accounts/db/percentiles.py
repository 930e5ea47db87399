"""PostgreSQL's percentiles, as an aggregate of Django's."""

from typing import Any

from django.db.models import Aggregate, FloatField


class Percentile(Aggregate):
    """percentile_cont(share) WITHIN GROUP (ORDER BY field)."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, share: float, field: str, **options: Any) -> None:
        super().__init__(field, share=share, **options)
