"""PostgreSQL's own isolationtester steps real sessions through permutations: we compare our results and speed with it.

It is written in C and knows nothing of our code. What a strategy does is therefore written here once more, as plain
SQL, one statement to a step. (PostgreSQL: src/test/isolation/README.)
"""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.errors import BankError
from interleavings.postgres import programs

PROGRAM = "lib/postgresql/pgxs/src/test/isolation/isolationtester"  # beside the folder of the other programs
SCHEMA = "isolationtester"

BEGIN, COMMIT = "BEGIN", "COMMIT"


def _read(account: int) -> str:
    """Read one balance, and keep it in a variable of the session."""
    return f"SELECT id, balance, set_config('bank.read{account}', balance::text, false) FROM account WHERE id={account}"


def _write(account: int, amount: int) -> str:
    return f"UPDATE account SET balance = current_setting('bank.read{account}')::int + ({amount}) WHERE id={account}"


def transfer_steps(strategy: str, source: int, target: int, amount: int) -> list[str]:
    """A transfer of one of our strategies as SQL, one statement to a step. BEGIN belongs to the step after it."""
    both = sorted((source, target))
    signed = {source: -amount, target: amount}
    lock_both = (
        "SELECT id, balance, set_config('bank.read' || id, balance::text, false) FROM "
        f"(SELECT id, balance FROM account WHERE id IN ({source},{target}) ORDER BY id FOR UPDATE) AS locked"
    )
    writes = [_write(account, signed[account]) for account in both]
    return {
        "no_transaction": [_read(source), _read(target), *(_write(pk, signed[pk]) for pk in (source, target))],
        "no_lock": [_read(source), _read(target), *writes, COMMIT],
        "row_lock": [lock_both, *writes, COMMIT],
    }[strategy]


def audit_steps(strategy: str, account_count: int) -> list[str]:
    """An audit of one of our strategies as SQL, one statement to a step."""
    one_by_one = [f"SELECT id, balance FROM account WHERE id={account}" for account in range(1, account_count + 1)]
    return {
        "no_transaction": one_by_one,
        "no_lock": [*one_by_one, COMMIT],
        "row_lock": ["SELECT id, balance FROM account ORDER BY id FOR UPDATE", COMMIT],
        "single_statement": ["SELECT id, balance FROM account ORDER BY id"],
    }[strategy]


@dataclass(frozen=True)
class Permutation:
    """What isolationtester printed about one permutation."""

    schedule: tuple[str, ...]
    blocked: tuple[int, ...]  # the places of the steps that had to wait
    readings: Mapping[str, tuple[tuple[int, int], ...]]  # by session: each (account, balance) that it read, in order
    balances: tuple[int, ...]  # at the end


def write_spec(sessions: Mapping[str, list[str]], opening: Sequence[int], schedules: Iterable[tuple[str, ...]]) -> str:
    """A spec that runs these schedules; with none given, isolationtester runs all permutations of the steps."""
    rows = ", ".join(f"({number}, {balance})" for number, balance in enumerate(opening, start=1))
    parts = [
        f"setup {{ INSERT INTO account VALUES {rows} ON CONFLICT (id) DO UPDATE SET balance = EXCLUDED.balance }}",
        "teardown { SELECT array_agg(balance ORDER BY id) AS final FROM account }",
    ]
    for name, steps in sessions.items():
        begin = f"{BEGIN};" if COMMIT in steps else ""
        # BEGIN runs along with the session's first step, as it does for the explorer.
        texts = [f"{begin if place == 0 else ''} {sql};" for place, sql in enumerate(steps)]
        parts.append(f"session {name}")
        parts += [f"step {name}_{place} {{ {text} }}" for place, text in enumerate(texts)]
    for schedule in schedules:
        taken = dict.fromkeys(sessions, -1)
        words = [f"{name}_{taken[name]}" for name in schedule if not taken.update({name: taken[name] + 1})]
        parts.append(f"permutation {' '.join(words)}")
    return "\n".join(parts) + "\n"


def run_spec(spec: str) -> list[Permutation]:
    """Run the spec on the database that we are connected to, in a schema of its own, and read its output."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.account (id int PRIMARY KEY, balance int NOT NULL)")
        cursor.execute(f"TRUNCATE {SCHEMA}.account")
    return [_parse(text) for text in run_text(spec).split("starting permutation: ")[1:]]


def run_text(spec: str) -> str:
    """Run the spec on the database that we are connected to, and return what isolationtester printed."""
    params = {name: value for name, value in connection.connection.info.get_parameters().items() if value}
    wanted = ("host", "port", "user", "dbname")
    conninfo = " ".join(f"{name}='{params[name]}'" for name in wanted if name in params)
    environment = os.environ | {
        "PGPASSWORD": connection.connection.info.password,
        "PGOPTIONS": f"-c search_path={SCHEMA} -c synchronous_commit=off",
    }
    try:
        process = subprocess.run(
            [str(programs.folder().parent / PROGRAM), conninfo],
            input=spec,
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BankError(f"PostgreSQL's isolationtester cannot be run ({error}): reinstall requirements.txt.") from error
    if process.returncode != 0:
        raise BankError(f"PostgreSQL's isolationtester failed ({process.stderr.strip()[-200:]}): look into the spec.")
    return process.stdout


STEP = re.compile(r"^step (\w+)_\d+: ", re.MULTILINE)


def _parse(text: str) -> Permutation:
    """One permutation's output: its steps, the rows that each printed, and "<waiting ...>" where one was blocked."""
    first_line, _, rest = text.partition("\n")
    schedule = tuple(word.rpartition("_")[0] for word in first_line.split())
    blocked: list[int] = []
    readings: dict[str, list[tuple[int, int]]] = {name: [] for name in schedule}
    begun = 0
    pieces = STEP.split(rest)
    for name, output in zip(pieces[1::2], pieces[2::2], strict=True):
        went_on = output.startswith("<... completed>")
        if not went_on:
            if output.splitlines()[0].endswith("<waiting ...>"):
                blocked.append(begun)
            begun += 1
        rows = output.partition("\nfinal")[0]
        readings[name] += [(int(a), int(b)) for a, b in re.findall(r"^ *(\d+)\| *(\d+)(?:\||$)", rows, re.MULTILINE)]
    final = re.search(r"\{([\d,]+)\}", rest)
    assert final is not None, "every spec ends with the balances"
    return Permutation(
        schedule,
        tuple(blocked),
        {name: tuple(read) for name, read in readings.items()},
        tuple(map(int, final[1].split(","))),
    )
