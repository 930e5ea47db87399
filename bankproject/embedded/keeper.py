"""Stops an embedded server when its last user has gone, however that user went: exit, Ctrl-C, kill -9, closed lid.

Started beside each server (``python -m bankproject.embedded.keeper FOLDER``). Every process that uses the server
holds a shared lock on one file, and the operating system drops the lock with the process; the keeper waits until it
can have that lock for itself alone.
"""

import sys
import time

from bankproject.embedded.server import Server

POLL_S = 0.2


def keep(server: Server) -> None:
    """Return when the server has been stopped, by us or by anybody else."""
    while True:
        time.sleep(POLL_S)
        with server.alone() as nobody_else:
            if not nobody_else:
                continue
            if not server.is_running():
                return
            if not server.is_pinned():
                server.stop()
                return


if __name__ == "__main__":
    keep(Server(sys.argv[1]))
