"""The names of database sessions say which worker and which thread they belong to."""

import os
import threading

import pytest
from django.db import connection

from accounts.db import application_name as session_names

pytestmark = pytest.mark.django_db


def test_sessions_are_named_after_their_process_and_thread(monkeypatch):
    monkeypatch.setenv("PGAPPNAME", "private-x")
    session_names.name_process()
    session_names.name_process()  # a worker that is started anew has inherited nothing; but if it had
    seen = []

    def look() -> None:
        session_names.name_thread("thread_1")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW application_name")
                seen.append(cursor.fetchone()[0])
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(30)

    assert seen == [f"private-x {os.getpid()}:thread_1"]
    assert session_names.worker_of(seen[0]) == f"{os.getpid()}:thread_1"
    assert "application_name" not in connection.settings_dict["OPTIONS"]
