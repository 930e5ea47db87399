"""threads refutes it: "a session ends with an error"

A row lock lasts until COMMIT; where there is no transaction, Django refuses to ask for one.
"""

from accounts.ledger import Reading, post, read
from accounts.models import Bank, Transfer


def transfer(order: Transfer) -> None:
    rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
    post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
