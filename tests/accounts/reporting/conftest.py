"""What several tests of reporting need: a storm with a torn audit, and a checker that knows only the history."""

import json
from collections.abc import Callable

import pytest

from accounts.models import Audit, Storm
from accounts.reporting import jepsen_history
from tests import bank_checker
from tests.torn import torn_audit


@pytest.fixture
def torn() -> Storm:
    """A storm of one transfer (account 1 -> 6, 77) with one audit that read account 1 before it and 6 after it."""
    audit = torn_audit()
    moment = audit.storm.transfers.get().ended_at
    Audit.objects.filter(pk=audit.pk).update(started_at=moment, ended_at=moment)
    return audit.storm


@pytest.fixture
def check_independently() -> Callable[[Storm], bank_checker.Verdict]:
    """What a checker says that knows nothing but the exported history."""

    def check(storm: Storm) -> bank_checker.Verdict:
        lines = [jepsen_history.to_jsonl(event) for event in jepsen_history.events(storm)]
        return bank_checker.check(
            [json.loads(line) for line in lines],
            accounts={str(number) for number in range(1, storm.account_count + 1)},
            total_amount=storm.bank.opening_total,
        )

    return check
