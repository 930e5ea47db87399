"""Stops an embedded server when its last user has gone, however that user went: exit, Ctrl-C, kill -9, closed lid.

Started beside each server (``python -m bankproject.embedded.keeper FOLDER``). Every process that uses the server
holds a shared lock on one file, and the operating system drops the lock with the process; the keeper waits until it
can have that lock for itself alone.
"""

import sys
import time

from bankproject.embedded.server import Server

POLL_S = 0.2
PATIENCE_S = 2  # not at once: somebody may be looking whether the post is taken


def keep(server: Server) -> None:
    """Return when the server has been stopped, by us or by anybody else, or if it has a keeper already."""
    post = server.keepers_post()
    if not post.acquire(timeout=PATIENCE_S):
        return
    while server.folder.exists():  # looking for users would make it again
        with server.alone() as nobody_else:
            if nobody_else and server.end():
                post.release()  # while nobody can come: whoever comes next must see that there is no keeper
                return
        time.sleep(POLL_S)


if __name__ == "__main__":
    keep(Server(sys.argv[1]))
