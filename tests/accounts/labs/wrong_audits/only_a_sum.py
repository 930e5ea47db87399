"""A bare sum, of which it cannot be said whether it is torn."""


def audit(bank):
    return bank.total
