"""The queue in Redis, where REDIS_URL asks for one: what goes wrong with it is said in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django_q.brokers import get_broker
from django_q.conf import Conf

from accounts.errors import BankError


class QueueUnusable(BankError):
    """Redis is away, is full, or does not let us in: jobs can neither be queued nor taken out."""


@contextmanager
def redis_errors() -> Iterator[None]:
    """Raise QueueUnusable for any error of the block, which does nothing but ask Redis.

    (Any: the package redis need not be installed, and its errors have no class of Django's.)
    """
    try:
        yield
    except Exception as error:
        raise QueueUnusable(
            f"The queue in Redis cannot be used ({error}): look after Redis, or unset REDIS_URL."
        ) from error


def check_queue() -> None:
    """Raise QueueUnusable where the queue is in Redis, and Redis does not answer."""
    if not Conf.ORM:
        with redis_errors():
            get_broker().ping()
