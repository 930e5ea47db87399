"""A Django database backend for the PostgreSQL that comes with pip: started at the first connection.

    pip install "interleavings[postgres]"

    DATABASES = {"default": {"ENGINE": "interleavings.postgres"}}

* `HOST` is the server's folder. Without it, that is `.interleavings/postgres` in the folder from which the project's
  settings are imported; git does not see it. A folder has one server, which all processes that use it share.
* `NAME` is the database, "django" without it. It is made if the server does not have it. A test's database is made by
  Django, as always.
* The server starts with the first connection. It stops when the last process that uses it has ended, in whatever way.
* The variables of libpq (PGHOST, PGSERVICE, PGOPTIONS ...) do not count for it: from the first connection on, this
  process and those that it starts are without them.

It is for tests and for trying things out on one machine: anyone who can run code as this user can use the server.
"""
