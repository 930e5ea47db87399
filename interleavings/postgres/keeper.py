"""Stops an embedded server when its last user has gone, however that user went: exit, Ctrl-C, kill -9, closed lid.

Started beside each server (``python -m interleavings.postgres.keeper FOLDER``). Every process that uses the server
holds a shared lock on one file, and the operating system drops the lock with the process; the keeper waits until it
can have that lock for itself alone.
"""

import sys
import time

from interleavings.postgres.server import Server

POLL_S = 0.2
PATIENCE_S = 2  # not at once: another process may be looking whether the keeper's lock is taken


def keep(server: Server) -> None:
    """Return when the server has been stopped, by us or in another way, or if it has a keeper already."""
    lock = server.keeper_lock()
    if not lock.acquire(timeout=PATIENCE_S):
        return
    while server.folder.exists():  # looking for users would make it again
        with server.alone() as is_alone:
            if is_alone and server.end():
                lock.release()  # while no process can become a user: the next one must see that there is no keeper
                return
        time.sleep(POLL_S)


if __name__ == "__main__":
    keep(Server(sys.argv[1]))
