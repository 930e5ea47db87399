"""Does nothing at all."""


def transfer(order):
    pass
