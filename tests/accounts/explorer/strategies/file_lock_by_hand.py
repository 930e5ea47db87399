"""A lock file, taken by all the ways in which filelock gives it: acquire() in a `with`, its end, a timeout of 0."""

from pathlib import Path
from tempfile import gettempdir

from filelock import FileLock, Timeout

from accounts.ledger import post, read
from accounts.models import Account

FILE = FileLock(Path(gettempdir()) / "torn-totals-by-hand.lock")


def transfer(order):
    with FILE.acquire(timeout=5, poll_interval=0.01):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank):
    try:
        FILE.acquire(blocking=False)
    except Timeout:
        FILE.acquire()
    try:
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
    finally:
        assert FILE.is_locked
        FILE.release()
