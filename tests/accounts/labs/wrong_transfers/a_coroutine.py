"""Does nothing before somebody awaits it."""

from accounts.models import Account


async def transfer(order):
    await Account.objects.aget(pk=order.source_id)
