"""Plans a storm from its seed: the same seed plans the same transfers on every machine. Pure."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from accounts.models.opening import Order

AUDITS_PER_JOB = 50  # where there are only audits
JOBS_PER_WORKER = 5  # at least, where there are enough transfers, so that no worker is idle for long at the end


class Job(NamedTuple):
    """What one delivery of the queue is to do: which transfers, by their place in the plan, and which audits."""

    transfers: range
    audits: range


def plan_orders(*, seed: int, account_count: int, transfer_count: int, max_amount: int) -> Iterator[Order]:
    """Transfers between two different accounts, of 1 to max_amount.

    Only Random.random() is used: of all methods of a seeded Random, Python promises only this one to stay the same
    (Python documentation: random, "Notes on Reproducibility").
    """
    draw = random.Random(seed).random
    for _ in range(transfer_count):
        source = int(draw() * account_count)
        target = (source + 1 + int(draw() * (account_count - 1))) % account_count
        yield Order(source + 1, target + 1, 1 + int(draw() * max_amount))


def plan_jobs(
    *, transfer_count: int, audit_count: int, worker_count: int, thread_count: int, transfers_per_job: int
) -> list[Job]:
    """Cut the plan into jobs, in the order in which they are to be queued, audits spread evenly over the transfers.

    Audits must run beside transfers, or they see nothing. With several workers they are jobs of their own, which
    another worker takes. One worker does one job at a time, so there both are in one job, in threads side by side.
    """
    fair_share = -(-transfer_count // (worker_count * JOBS_PER_WORKER))
    size = min(transfers_per_job * thread_count, max(fair_share, thread_count))
    starts = range(0, transfer_count, size) or range(-(-audit_count // AUDITS_PER_JOB))  # or audits only
    jobs = []
    for place, start in enumerate(starts):
        transfers = range(start, min(start + size, transfer_count)) if transfer_count else range(0)
        audits = range(audit_count * place // len(starts), audit_count * (place + 1) // len(starts))
        if worker_count == 1:
            jobs.append(Job(transfers, audits))
        else:
            jobs += [job for job in (Job(transfers, range(0)), Job(range(0), audits)) if any(map(len, job))]
    return jobs
