"""Storms without workers, and audits made to order: the test writes what they read, and the evidence judges it."""

import threading
from collections.abc import Iterable
from datetime import timedelta

from accounts import strategies
from accounts.ledger import Reading
from accounts.models import Audit, Bank, Storm, Transfer
from accounts.storms import jobs
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm


def launched_storm(*, queue: str = "nowhere", **choices) -> Storm:
    """A running storm whose jobs no worker takes.

    It has 30 transfers and one audit, unless `choices` (those of `plan_storm`) say otherwise.
    """
    defaults = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 30, "audit_count": 1}
    storm = plan_storm(**{**defaults, **choices})
    launch_storm(storm, queue=queue)
    return storm


def wait_for_plans() -> None:
    """Until no thread writes the plan of a storm that was launched on a page."""
    for thread in threading.enumerate():
        if thread.name.startswith("plan of storm"):
            thread.join()


def transfer_pks(storm: Storm) -> list[int]:
    """The storm's transfers in the order of its plan."""
    return list(storm.transfers.order_by("pk").values_list("pk", flat=True))


def apply(storm: Storm, transfers: Iterable[Transfer]) -> None:
    """Do these transfers, in this process."""
    jobs.run(storm.pk, [transfer.pk for transfer in transfers], [])


def do_all(storm: Storm) -> None:
    """Do all transfers, then take all audits, in this process.

    (Side by side they would need connections of their own, which do not see what a test has not committed.)
    """
    jobs.run(storm.pk, transfer_pks(storm), [])
    jobs.run(storm.pk, [], list(range(storm.audit_count)))
    storm.refresh_from_db()


def read(bank: Bank) -> list[Reading]:
    """Every account as it is now, in the order of their numbers."""
    return strategies.load("no_lock", "audit").audit(bank)


def keep_audit(storm: Storm, readings: list | int | None, **facts) -> Audit:
    """The storm's audit that read this (or only a sum, or nothing), judged if the storm has ended."""
    total = readings if isinstance(readings, int) else None if readings is None else sum(row[1] for row in readings)
    values = {
        "bank": storm.bank,
        "storm": storm,
        "number": 0,
        "status": "taken",
        "total": total,
        "readings": None if isinstance(readings, int) else readings,
        "expected_total": storm.bank.opening_total,
        "worker": "test",
        "started_at": storm.created_at,
        "ended_at": storm.created_at,
    }
    audit = Audit.objects.create(**values | facts)
    jobs.run(storm.pk, [], [])
    audit.refresh_from_db()
    return audit


def torn_audit() -> Audit:
    """Of one transfer (account 1 -> 6, 77), it read account 1 before it and 6 after it."""
    storm = launched_storm(transfer_count=1)
    before = read(storm.bank)
    apply(storm, storm.transfers.all())
    moment = storm.transfers.get().ended_at
    return keep_audit(storm, [before[0], *read(storm.bank)[1:]], started_at=moment, ended_at=moment)


def storm_with_lost_updates(*, on_top: int = 0) -> Storm:
    """A finished storm in which two transfers read the opening of account 1, and the second one's result counts.

    `on_top` more transfers wrote to account 1 after the first, and are lost with it. All go from account 1 to another
    account, each to one of its own: 10, 11, 12 ...
    """
    storm = launched_storm(transfer_count=2 + on_top, audit_count=0, account_count=3 + on_top)
    accounts = list(storm.bank.accounts.order_by("number"))
    for number, transfer in enumerate(storm.transfers.order_by("pk")):
        storm.transfers.filter(pk=transfer.pk).update(
            source=accounts[0], target=accounts[number + 1], amount=10 + number
        )
    *lost, second = storm.transfers.order_by("pk")
    apply(storm, lost)
    storm.bank.accounts.filter(number=1).update(balance=accounts[0].opening_balance, last_transfer=None)
    apply(storm, [second])
    storm.refresh_from_db()
    return storm


def audit_all(storm: Storm, errors: dict[int, int], *, torn: frozenset[int] = frozenset()) -> Storm:
    """All audits of the plan, one each second: by number, how far each is off, and which are torn; others are right."""
    right = storm.bank.opening_total
    facts = {"bank_id": storm.bank_id, "storm": storm, "status": "taken", "expected_total": right}
    Audit.objects.bulk_create(
        Audit(
            number=number,
            total=right + errors.get(number, 0),
            torn=number in torn,
            started_at=storm.created_at + timedelta(seconds=number),
            **facts,
        )
        for number in range(storm.audit_count)
    )
    return storm
