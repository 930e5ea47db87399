"""The environment variables of libpq, PostgreSQL's client library, in this process and in all that it starts.

libpq fills in what a connection does not say from PGHOST, PGSERVICE, PGOPTIONS and thirty more, which a user may have
set for another server; pg_ctl and the server itself read some too. (PostgreSQL documentation: 32.15 Environment
Variables.) PGAPPNAME leads nowhere, and stays: it only says who is connected.
"""

import os

HARMLESS = "PGAPPNAME"


def forget_variables() -> None:
    """For the embedded server: none of the user's variables counts, from now on."""
    for name in [name for name in os.environ if name.startswith("PG") and name != HARMLESS]:
        del os.environ[name]
    make_dates_readable()


def make_dates_readable() -> None:
    """Whatever the role's or the database's own style is: psycopg reads ISO dates only."""
    os.environ["PGDATESTYLE"] = "ISO"
