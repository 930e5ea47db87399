"""A storm as an operation history, in the shape of Jepsen's bank workload, for checkers that we did not write.

Each operation is invoked by a process and completed by it: `ok` it happened, `fail` it did not, `info` it is not known,
because the worker died before it could say so. A process that ends in `info` does nothing more; its worker's name goes
on as another process. (Jepsen: "Histories"; jepsen.tests.bank.)
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from accounts.models import Audit, Storm, Transfer

NANOSECONDS_IN_A_MICROSECOND = 1000


class Operation(NamedTuple):
    """One transfer or audit as its worker experienced it."""

    worker: str
    started_at: datetime
    #: None if the worker never learnt how it ended.
    ended_at: datetime | None
    #: Of the completion: ok, fail or info.
    type: str
    #: What was done: transfer, read or total.
    f: str
    #: The values of the invocation and of the completion.
    invoked: Any
    completed: Any


def events(storm: Storm) -> list[dict[str, Any]]:
    """Invocations and completions in the order of time, with the keys index, time, process, type, f and value.

    `time` is in nanoseconds since the first operation began, by the workers' clocks. Operations without a time of
    their beginning, such as transfers that no worker has begun, are not part of it.
    """
    operations = sorted([*_transfers(storm), *_audits(storm)], key=lambda operation: operation.started_at)
    if not operations:
        return []
    begin = operations[0].started_at
    in_order = sorted(_invocations_and_completions(operations), key=lambda event: event[:2])
    return [
        {"index": index, "time": _nanoseconds(time - begin), **event}
        for index, (time, _place, event) in enumerate(in_order)
    ]


def _nanoseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * NANOSECONDS_IN_A_MICROSECOND


def _invocations_and_completions(operations: list[Operation]) -> Iterator[tuple[datetime, int, dict[str, Any]]]:
    """When each took place, its place among those of the same microsecond, and its keys but the first two.

    Within one microsecond come, in this order:
    0. completions of what began before it;
    1. invocations;
    2. completions of what began in it;
    3. after everything else has ended, the completions of operations of which the end is not known.
    """
    last_end = max(operation.ended_at or operation.started_at for operation in operations)
    for operation, process in zip(operations, _number_processes(operations), strict=True):
        start, end = operation.started_at, max(operation.started_at, operation.ended_at or last_end)
        place = 3 if operation.type == "info" else 0 if start < end else 2
        yield start, 1, _event(process, "invoke", operation.f, operation.invoked)
        yield end, place, _event(process, operation.type, operation.f, operation.completed)


def _event(process: int, type: str, f: str, value: Any) -> dict[str, Any]:
    return {"process": process, "type": type, "f": f, "value": value}


def _number_processes(operations: list[Operation]) -> list[int]:
    """A worker is one process, or several where it does several things at once (a batch), or is back after an info."""
    numbers = count()
    free_from: dict[str, dict[int, datetime]] = defaultdict(dict)
    processes = []
    for operation in operations:
        own_processes = free_from[operation.worker]
        process = next((number for number, free in own_processes.items() if free <= operation.started_at), None)
        if process is None:
            process = next(numbers)
        own_processes[process] = max(operation.started_at, operation.ended_at or operation.started_at)
        if operation.type == "info":
            del own_processes[process]
        processes.append(process)
    return processes


def _transfers(storm: Storm) -> Iterator[Operation]:
    transfers = storm.transfers.filter(started_at__isnull=False).select_related("source", "target")
    for transfer in transfers.iterator(chunk_size=5000):
        assert transfer.started_at
        value = {"from": transfer.source.number, "to": transfer.target.number, "amount": transfer.amount}
        yield Operation(
            worker=transfer.worker,
            started_at=transfer.started_at,
            ended_at=transfer.ended_at,
            type=_completion(transfer),
            f="transfer",
            invoked=value,
            completed=value,
        )


def _completion(transfer: Transfer) -> str:
    if transfer.ended_at is None:
        return "info"
    completions: dict[str, str] = {
        Transfer.Status.APPLIED: "ok",
        Transfer.Status.REFUSED: "fail",
        # Without a transaction, a part of what failed may be there.
        Transfer.Status.FAILED: "fail" if transfer.source_based_on is None else "info",
    }
    return completions.get(transfer.status, "info")


def _audits(storm: Storm) -> Iterator[Operation]:
    numbers = dict(storm.bank.accounts.values_list("pk", "number"))
    for audit in storm.audits.filter(started_at__isnull=False).iterator(chunk_size=1000):
        assert audit.started_at
        readings = audit.readings
        result = audit.total if readings is None else {numbers[pk]: balance for pk, balance, _token in readings}
        yield Operation(
            worker=audit.worker,
            started_at=audit.started_at,
            ended_at=audit.ended_at,
            type="ok" if audit.status == Audit.Status.TAKEN else "fail",
            f="total" if readings is None and audit.status == Audit.Status.TAKEN else "read",
            invoked=None,
            completed=result if audit.status == Audit.Status.TAKEN else None,
        )


def to_jsonl(event: dict[str, Any]) -> str:
    """One line of JSON. (In JSON, the accounts' numbers become strings.)"""
    return json.dumps(event)


def to_edn(event: dict[str, Any]) -> str:
    """One line of EDN, which is all that Jepsen's own libraries read. The accounts' numbers stay numbers."""
    names = {"type", "f"}
    parts = (f":{key} {':' + event[key] if key in names else _edn(event[key])}" for key in event)
    return f"{{{', '.join(parts)}}}"


def _edn(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_edn_key(key)} {_edn(item)}' for key, item in value.items())}}}"
    return str(value)


def _edn_key(key: str | int) -> str:
    return f":{key}" if isinstance(key, str) else str(key)
