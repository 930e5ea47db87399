"""Audits made to order: what they read is put together by hand, and the evidence judges it."""

from datetime import timedelta

from accounts import strategies
from accounts.models import Audit, Storm, Transfer
from accounts.storms import jobs
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm

read = strategies.load("no_lock", "audit").audit


def launch(**choices) -> Storm:
    """A storm of row locks whose jobs nobody takes, with one audit to come."""
    storm = plan_storm(**{"transfer_with": "row_lock", "audit_with": "no_lock", "audit_count": 1, **choices})
    launch_storm(storm, queue="nowhere")
    return storm


def run(storm: Storm, transfers: list[Transfer]) -> None:
    jobs.run(storm.pk, [transfer.pk for transfer in transfers], [])


def keep(storm: Storm, readings: list | int | None, **facts) -> Audit:
    """The storm's audit that read this (or only a sum, or nothing), judged if the storm has ended."""
    total = readings if isinstance(readings, int) else None if readings is None else sum(one[1] for one in readings)
    moment = storm.created_at
    what = {
        **{"bank": storm.bank, "storm": storm, "number": 0, "status": "taken", "total": total},
        **{"readings": None if isinstance(readings, int) else readings, "expected_total": storm.bank.opening_total},
        **{"worker": "test", "started_at": moment, "ended_at": moment},
    }
    audit = Audit.objects.create(**what | facts)
    jobs.run(storm.pk, [], [])
    audit.refresh_from_db()
    return audit


def torn_audit() -> Audit:
    """Of one transfer (account 1 -> 6, 77), it read account 1 before it and 6 after it."""
    storm = launch(transfer_count=1)
    before = read(storm.bank)
    run(storm, storm.transfers.all())
    return keep(storm, [before[0], *read(storm.bank)[1:]])


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
