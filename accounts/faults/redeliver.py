"""Jobs are delivered again, to other workers, while the first ones may still be at them.

That is what a queue does when a job outlives `retry`, or when its acknowledgement is lost: "at least once" is what
queues promise. (django-q2 documentation: Configuration, retry.)
"""

from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ

from accounts.faults.target import Target


def inject(target: Target) -> str:
    """Return what was done, or "" if there was no job to deliver again."""
    count = _in_redis(target) if not Conf.ORM else _in_table(target)
    return f"{count} jobs delivered again" if count else ""


def _in_table(target: Target) -> int:
    """The lock of a job that was taken says until when nobody else may take it."""
    rows = OrmQ.objects.filter(key=target.storm.queue)
    if target.draw.random() < 0.5 and (count := rows.filter(lock__gt=timezone.now()).update(lock=timezone.now())):
        return count
    now = timezone.now()
    return len(OrmQ.objects.bulk_create(OrmQ(key=row.key, payload=row.payload, lock=now) for row in rows))


def _in_redis(target: Target) -> int:
    """What was taken is not in the list any more: those that wait come twice."""
    broker = get_broker(target.storm.queue)
    packages = broker.connection.lrange(broker.list_key, 0, -1)
    for package in packages:
        broker.enqueue(package)
    return len(packages)
