"""Takes a lock that it holds already, and that is not reentrant."""

import threading

LOCK = threading.Lock()


def transfer(order):
    with LOCK, LOCK:
        pass
