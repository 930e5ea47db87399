"""The environment variables of libpq, where DATABASE_URL names a server of the user's.

For the embedded server none of them counts: see interleavings/postgres/libpq.py.
"""

import os

from interleavings.postgres.libpq import make_dates_readable


def keep_variables(*, names_host: bool) -> None:
    """They count as libpq documents, except those that contradict us.

    PGHOSTADDR would lead past the host that DATABASE_URL names.
    """
    if names_host:
        os.environ.pop("PGHOSTADDR", None)
    make_dates_readable()
