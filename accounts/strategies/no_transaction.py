"""No transaction: two saves, each committed on its own. Promises nothing.

Between the two saves the database itself is wrong: the money has left one account and has not reached the other, for
everybody to see, and for ever if the worker dies there. No lock or snapshot of the reader's can hide it. This is the
lecture's unsafe bank. (Django documentation: "Database transactions", autocommit.)
"""

from accounts.ledger import Reading, read, save
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside
from accounts.strategies.shared.recorder import begin, refuse_untouched

TRANSACTIONAL = False  # what others see half done is then no read skew, but a state that was really there
TRANSFERS_HOLD = Among.NO_ONE
AUDITS_HOLD = Beside.NO_TRANSFERS
TEACHING_ORDER = 10


def transfer(order: Transfer) -> None:
    source = Account.objects.get(pk=order.source_id)
    target = Account.objects.get(pk=order.target_id)
    if source.balance < order.amount:
        refuse_untouched(order, source)
        return
    order = begin(order, source, target)  # for the evidence: which balances we are about to overwrite
    source.balance -= order.amount
    save(order, source)  # committed: half a transfer
    target.balance += order.amount
    save(order, target)  # committed: the other half
    order.end(Transfer.Status.APPLIED)


def audit(bank: Bank) -> list[Reading]:
    return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
