"""Variables of libpq that a user may have set."""

# Each leads elsewhere, or breaks what uses it.
VARIABLES = {
    "PGHOST": "/nowhere",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "no_such_role",
    "PGDATABASE": "no_such_database",
    "PGPASSWORD": "guess",
    "PGPASSFILE": "/nowhere",
    "PGSERVICE": "no_such_service",
    "PGOPTIONS": "-c search_path=nowhere",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "none",
    "PGTARGETSESSIONATTRS": "read-only",
    "PGCONNECT_TIMEOUT": "abc",
    "PGCLIENTENCODING": "no_such_encoding",
    "PGDATESTYLE": "German",
    "PGTZ": "Nowhere/Nothing",
    "PGGEQO": "perhaps",
    "PGDATA": "/nowhere",
    "PGCTLTIMEOUT": "0",
}
