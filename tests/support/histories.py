"""A storm's exported history, judged by the checker from outside."""

import json

from accounts.models import Storm
from accounts.reporting import jepsen_history
from tests.support import bank_checker


def check_independently(storm: Storm) -> bank_checker.Verdict:
    """What a checker says that knows nothing but the exported history."""
    lines = [jepsen_history.to_jsonl(event) for event in jepsen_history.events(storm)]
    return bank_checker.check(
        [json.loads(line) for line in lines],
        accounts={str(number) for number in range(1, storm.account_count + 1)},
        total_amount=storm.bank.opening_total,
    )
