"""What is to be explored, as a person asks for it: strategies, transfers, audits, and who shares a process."""

import re
from dataclasses import dataclass

from accounts.errors import BankError
from accounts.explorer.strategy_files import find_strategy
from accounts.models.opening import Order

SHARED, SEPARATE = "shared", "separate"
MAX_ACCOUNTS = 20
MAX_SESSIONS = 6
ORDER = re.compile(r"(\d{1,9})>(\d{1,9}):(\d{1,18})")


@dataclass(frozen=True)
class Plan:
    """A small storm whose every schedule can be run: which strategies, which transfers, how many audits."""

    transfer_with: str
    audit_with: str
    account_count: int
    orders: tuple[Order, ...]
    audit_count: int
    processes: str

    @property
    def sessions(self) -> dict[str, Order | None]:
        """The sessions by name, each with its order (None: it is an audit): t and a, or t1, t2, a1, a2 ..."""
        transfers = zip(_names("t", len(self.orders)), self.orders, strict=True)
        return dict(transfers) | dict.fromkeys(_names("a", self.audit_count))

    @property
    def places(self) -> dict[str, int]:
        """For each session that makes a transfer: which of the orders, from 1."""
        return {name: place for place, name in enumerate(_names("t", len(self.orders)), start=1)}

    @property
    def transfers(self) -> str:
        """The transfers as they were asked for: "1>2:30,2>1:5"."""
        return ",".join(f"{order.source}>{order.target}:{order.amount}" for order in self.orders)


def _names(letter: str, count: int) -> list[str]:
    return [letter] if count == 1 else [f"{letter}{number}" for number in range(1, count + 1)]


def make_plan(
    *, transfer_with: str, audit_with: str, accounts: int | None, transfers: str, audits: int, processes: str
) -> Plan:
    """The plan that a person asked for. Raises BankError for one that cannot be run."""
    orders = parse_orders(transfers)
    highest = max((max(order.source, order.target) for order in orders), default=2)
    account_count = max(2, highest) if accounts is None else accounts
    if not 2 <= account_count <= MAX_ACCOUNTS:
        raise BankError(f"accounts cannot be {account_count:,}: choose 2 to {MAX_ACCOUNTS}.")
    if highest > account_count:
        raise BankError(
            f"There is no account {highest} among {account_count}: let transfers name accounts 1 to {account_count}, "
            "or have more accounts."
        )
    if audits < 0 or not 1 <= len(orders) + audits <= MAX_SESSIONS:
        raise BankError(
            f"{len(orders)} transfers and {audits} audits cannot be explored: choose 1 to {MAX_SESSIONS} sessions."
        )
    plan = Plan(transfer_with, audit_with, account_count, orders, audits, processes)
    find_strategy(transfer_with, "transfer")
    find_strategy(audit_with, "audit")
    return plan


def parse_orders(transfers: str) -> tuple[Order, ...]:
    """The transfers of "1>2:30,2>1:5". Raises BankError for one that cannot be."""
    return tuple(_parse_order(text) for text in transfers.split(",") if text.strip())


def _parse_order(text: str) -> Order:
    match = ORDER.fullmatch("".join(text.split()))
    if match is None:
        raise BankError(
            f"A transfer cannot be {text.strip()!r}: write SOURCE>TARGET:AMOUNT, such as 1>2:30, several with commas."
        )
    order = Order(*map(int, match.groups()))
    if order.source == order.target or 0 in order:
        raise BankError(
            f"A transfer cannot be {text.strip()!r}: choose two different accounts, from 1 on, and an amount from 1 on."
        )
    return order
