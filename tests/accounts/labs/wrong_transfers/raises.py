"""An error in every call."""


def transfer(order):
    raise ValueError("not written yet")
