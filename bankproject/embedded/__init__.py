"""A Django database backend for the PostgreSQL that comes with pip: started at the first connection.

Use it as ``ENGINE = "bankproject.embedded"`` with the server's folder as ``HOST``.
"""
