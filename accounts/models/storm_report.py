"""A storm's report: what was counted and measured when the storm was judged, and the field that keeps it as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models


@dataclass(frozen=True, kw_only=True)
class TransferCounts:
    """The storm's transfers, counted by their status."""

    #: In the plan.
    planned: int
    #: Done once.
    applied: int
    #: Not done, because the source held too little.
    refused: int
    #: Not done, because their strategy raised an error.
    failed: int
    #: Neither applied nor refused nor failed yet.
    pending: int
    #: Applied once more, by a second delivery of their job. They are also counted once as applied.
    applied_twice: int

    @property
    def ended(self) -> int:
        """How many are no longer pending."""
        return self.planned - self.pending


@dataclass(frozen=True, kw_only=True)
class AuditCounts:
    """The storm's audits, counted by how they ended and how they were judged."""

    #: In the plan.
    planned: int
    #: Those that have a total.
    taken: int
    #: Of those taken: they saw at least one transfer on one of its two accounts only.
    torn: int
    #: Of those taken: they left an account out.
    incomplete: int
    #: Of those taken: they kept no readings of single accounts, so that it is unknown whether they are torn.
    torn_unknown: int
    #: Of those taken: their total is not the bank's.
    wrong_total: int
    #: Of those taken: the evidence does not explain all that their total is off by.
    unexplained: int
    #: Those whose strategy raised an error; they have no total.
    failed: int

    @property
    def judged(self) -> int:
        """How many are known to be torn, or known not to be."""
        return self.taken - self.torn_unknown

    @property
    def missing(self) -> int:
        """How many of the plan have neither been taken nor failed."""
        return self.planned - self.taken - self.failed


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long a transfer waited for locks, in milliseconds."""

    #: The median.
    p50: float
    #: The 99th percentile.
    p99: float


@dataclass(frozen=True, kw_only=True)
class LostWrite:
    """A lost update, for those who look for one."""

    #: The primary key of the transfer whose write is missing.
    transfer: int
    #: The number of the account on which it is missing.
    account: int
    #: What it would have added to the balance.
    amount: int
    #: The primary key of the transfer that wrote over it.
    overwritten_by: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a storm's rows say, read in one snapshot. The names of the fields are the keys of the JSON."""

    #: The storm's primary key.
    id: int
    #: The storm's state when it was judged; "finished" in the report that a storm keeps at its end.
    state: str
    #: The name of the transfers' strategy.
    transfer_with: str
    #: The name of the audits' strategy.
    audit_with: str
    #: How many accounts the bank has.
    accounts: int
    #: The sum of all accounts at the opening; every right audit has this total.
    expected_total: int
    #: How many worker processes were planned.
    workers: int
    #: How many threads each worker process has.
    threads: int
    #: The number that the transfers were planned from.
    seed: int
    transfers: TransferCounts
    audits: AuditCounts
    #: The sum of all accounts now, minus that at the opening: money that was made (more than 0) or lost.
    drift: int
    #: How many balances were overwritten by a transfer that had not seen them.
    lost_updates: int
    #: A few of these, the easiest to understand first.
    lost_examples: list[LostWrite] = field(default_factory=list)
    #: How many accounts do not hold their opening balance + applied transfers in - applied transfers out.
    accounts_off: int
    #: How often a transfer or an audit began again after a refusal.
    retries: int
    #: How many of them met a deadlock (SQLSTATE 40P01), each as often as it did.
    deadlocks: int
    #: The same for serialization failures (SQLSTATE 40001).
    serialization_failures: int
    #: The same for locks that were not to be waited for (SQLSTATE 55P03).
    refused_locks: int
    lock_wait_ms: Waits
    #: Seconds from the beginning of the first transfer to the end of the last one, by the workers' clocks.
    duration_s: float
    #: Transfers that ended, for each second of duration_s; 0 if none has ended.
    transfers_per_second: float
    #: For each kind of fault: how many were injected. What the watchdog did is counted as "watchdog: ...".
    faults: dict[str, int]
    #: The torn audit that is easiest to understand, told in sentences; empty if none is torn.
    story: str
    #: Whether the storm had ended, and no worker was at work on it any more.
    is_final: bool

    @property
    def failed(self) -> int:
        """How many transfers and audits failed."""
        return self.transfers.failed + self.audits.failed

    def as_values(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Report":
        """The report that as_values() wrote. Raises KeyError or TypeError for anything else.

        So a new field needs a default: reports that were kept before do not have it.
        """
        parts = {
            "transfers": TransferCounts(**values["transfers"]),
            "audits": AuditCounts(**values["audits"]),
            "lock_wait_ms": Waits(**values["lock_wait_ms"]),
            "lost_examples": [LostWrite(**example) for example in values.get("lost_examples", [])],
        }
        return cls(**{**values, **parts})


if TYPE_CHECKING:
    FieldOfReports = models.JSONField[Report | None, Report | None]
else:
    FieldOfReports = models.JSONField


class ReportField(FieldOfReports):
    """A Report in Python, its as_values() in the database."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Report | None:
        return self.to_python(super().from_db_value(value, expression, connection))

    def to_python(self, value: Any) -> Report | None:
        return Report.from_values(value) if isinstance(value, dict) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(_plain(value), connection, prepared)

    def value_to_string(self, obj: models.Model) -> Any:
        """What `manage.py dumpdata` writes."""
        return _plain(self.value_from_object(obj))

    def deconstruct(self) -> Any:
        """To migrations it is a JSONField: only Python sees the difference."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options


def _plain(value: Any) -> Any:
    return value.as_values() if isinstance(value, Report) else value
