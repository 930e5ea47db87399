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
    """One of two things, at random: the jobs that were taken may be taken again, or all jobs are queued twice.

    A job that was taken stays in the table until it is done; its lock says until when no other worker may take it. If
    no job was taken, all are queued twice.
    """
    jobs, now = OrmQ.objects.filter(key=target.storm.queue), timezone.now()
    if target.draw.random() < 0.5:
        count: int = jobs.filter(lock__gt=now).update(lock=now)
        if count:
            return count
    return len(OrmQ.objects.bulk_create(OrmQ(key=job.key, payload=job.payload, lock=now) for job in jobs))


def _in_redis(target: Target) -> int:
    """The jobs that wait are queued twice; a job that was taken is not in Redis any more."""
    broker = get_broker(target.storm.queue)
    packages = broker.connection.lrange(broker.list_key, 0, -1)
    for package in packages:
        broker.enqueue(package)
    return len(packages)
