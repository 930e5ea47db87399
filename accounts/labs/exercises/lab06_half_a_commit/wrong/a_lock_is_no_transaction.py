"""deaths refutes it: "half a transfer remains"

A lock keeps others out, as long as all ask for it. It does not undo what a dead process has committed.
"""

import threading

from accounts.ledger import post
from accounts.models import Account, Transfer

LOCK = threading.Lock()


def transfer(order: Transfer) -> None:
    with LOCK:
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
