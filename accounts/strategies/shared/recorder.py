"""Keeps the evidence of transfers that have no transaction: what such a transfer was about to overwrite."""

from django.utils import timezone

from accounts.models import Account, Transfer


def begin(order: Transfer, source: Account, target: Account) -> Transfer:
    """Note, committed at once, which tokens the order's two writes will replace; return the row that is to be ended.

    A job may be delivered again while or after its first delivery moved the money, and without a transaction nothing
    stops it from moving it once more. That is another application, with writes and tokens of its own, so it gets a
    row of its own: a copy that names the planned transfer in `repeats`.
    """
    facts = {
        "source_based_on": source.last_transfer,
        "target_based_on": target.last_transfer,
        "started_at": order.started_at or timezone.now(),
        "worker": order.worker,
    }
    if Transfer.objects.filter(pk=order.pk, started_at=None).update(**facts):
        return order
    return Transfer.objects.create(
        bank_id=order.bank_id,
        storm_id=order.storm_id,
        source_id=order.source_id,
        target_id=order.target_id,
        amount=order.amount,
        repeats=order.pk,
        **facts,
    )


def refuse_untouched(order: Transfer, source: Account) -> None:
    """End the order for lack of money: as refused if it is untouched, as failed if another delivery of it has begun.

    That one may have taken the very money that is lacking now. Half a transfer is then there, or all of it: it is part
    of the evidence, which what was refused is not.
    """
    facts = {"started_at": order.started_or_now(), "worker": order.worker}
    untouched = Transfer.objects.filter(pk=order.pk, started_at=None, status=Transfer.Status.PENDING)
    if not untouched.update(status=Transfer.Status.REFUSED, reason=order.not_enough(source), **facts):
        order.end(Transfer.Status.FAILED, reason=f"It was begun twice. The second time, {order.not_enough(source)}")
