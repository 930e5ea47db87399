"""An independent checker, written only from the published definition of Jepsen's bank test. Imports nothing of ours.

The definition (jepsen.tests.bank): the test has a set of account ids and a total amount. "Transfers between accounts"
and "reads of all accounts"; in every completed read, the accounts must be exactly the expected ones, no balance may be
nil or negative, and all balances must add up to the total.
"""

from typing import Any, NamedTuple


class Verdict(NamedTuple):
    """What is wrong with each read that was not right, by the read's index in the history."""

    read_count: int
    errors: dict[int, str]

    @property
    def wrong_total_count(self) -> int:
        return sum(error == "wrong-total" for error in self.errors.values())


def check(history: list[dict[str, Any]], *, accounts: set[str], total_amount: int) -> Verdict:
    """Judge every completed read of a history (parsed JSON lines)."""
    check_well_formed(history)
    reads = [op for op in history if op["type"] == "ok" and op["f"] == "read"]
    errors = {read["index"]: error_of(read["value"], accounts, total_amount) for read in reads}
    return Verdict(len(reads), {index: error for index, error in errors.items() if error})


def error_of(balances: dict[str, int | None], accounts: set[str], total_amount: int) -> str | None:
    if balances.keys() - accounts:
        return "unexpected-key"
    if accounts - balances.keys() or any(balance is None for balance in balances.values()):
        return "nil-balance"
    if sum(balances.values()) != total_amount:
        return "wrong-total"
    if any(balance < 0 for balance in balances.values()):
        return "negative-value"
    return None


def check_well_formed(history: list[dict[str, Any]]) -> None:
    """Every process alternates between invoking and completing the same thing, and is silent after an info."""
    pending: dict[int, dict[str, Any]] = {}
    crashed: set[int] = set()
    last_time = 0
    for index, op in enumerate(history):
        assert op["index"] == index
        assert op["time"] >= last_time
        last_time = op["time"]
        process = op["process"]
        assert process not in crashed, f"process {process} goes on after an info"
        if op["type"] == "invoke":
            assert process not in pending, f"process {process} does two things at once"
            pending[process] = op
        else:
            assert op["type"] in {"ok", "fail", "info"}
            assert pending.pop(process)["f"] == op["f"]
            if op["type"] == "info":
                crashed.add(process)
    assert not pending, "an invocation without a completion"
