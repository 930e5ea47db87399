"""The environment variables of libpq, PostgreSQL's client library, in this process and in all that it starts.

libpq fills in what a connection does not say from PGHOST, PGSERVICE, PGOPTIONS and thirty more, which a user may have
set for another server; pg_ctl and the server itself read some too. (PostgreSQL documentation: 32.15 Environment
Variables.) Connections of ours say who we are in PGAPPNAME (see accounts/db/application_name.py): that one stays.
"""

import os

OURS = "PGAPPNAME"


def forget_variables() -> None:
    """For the embedded server: none of the user's variables counts, from now on."""
    for name in [name for name in os.environ if name.startswith("PG") and name != OURS]:
        del os.environ[name]
    _make_dates_readable()


def keep_variables(*, names_host: bool) -> None:
    """For a server of the user's: they count as libpq documents, except those that contradict us.

    PGHOSTADDR would lead past the host that DATABASE_URL names.
    """
    if names_host:
        os.environ.pop("PGHOSTADDR", None)
    _make_dates_readable()


def _make_dates_readable() -> None:
    """Whatever the role's or the database's own style is: psycopg reads ISO dates only."""
    os.environ["PGDATESTYLE"] = "ISO"
