"""A statement is shortened by its meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.reporting.charts.statements import shorten
from accounts.reporting.charts.waits import MOST_SQL

ACCOUNT = '"accounts_account"."id", "accounts_account"."balance"'


@pytest.mark.parametrize(
    ("sql", "short"),
    [
        (f'SELECT {ACCOUNT}\n FROM "accounts_account" FOR UPDATE', "SELECT ... FROM accounts_account FOR UPDATE"),
        (
            f'SELECT {ACCOUNT} FROM "accounts_account" WHERE "accounts_account"."id" IN ($1, $2) '
            'ORDER BY "accounts_account"."id" ASC FOR NO KEY UPDATE',
            "SELECT ... FOR NO KEY UPDATE",
        ),
        (
            "UPDATE accounts_account SET balance = $1, last_transfer = $2 WHERE id = $3",
            "UPDATE accounts_account SET ... WHERE id = $3",
        ),
        (
            'INSERT INTO "accounts_audit" ("bank_id", "storm_id", "number", "status") VALUES ($1, $2, $3, $4)',
            "INSERT INTO accounts_audit ...",
        ),
        ("SELECT pg_advisory_xact_lock($1)", "SELECT pg_advisory_xact_lock($1)"),
        ("COMMIT", "COMMIT"),
        ("", ""),
    ],
)
def test_statement_is_shortened_by_its_meaning(sql, short):
    assert shorten(sql, MOST_SQL) == short


@given(st.text(alphabet='SELECT aFROMWHERE,.()$1 \n"', max_size=200))
def test_any_statement_is_short_and_its_words_are_whole(sql):
    short = shorten(sql, MOST_SQL)

    assert len(short) <= MOST_SQL + 4
    assert "\n" not in short


def test_word_is_not_cut_in_its_middle():
    assert shorten("WITH " + "some_word " * 9, 30) == "WITH some_word some_word ..."
