"""delivered_twice refutes it: "no transfer is applied"

Who refuses everything does nothing twice.
"""

from accounts.labs.exercises.lab08_unseen_by_the_total.solution import end
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    end(order, Transfer.Status.REFUSED)
