"""Measures what everything costs on this machine, as ratios taken side by side in one run."""

import platform
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import psutil
from django.core.management.base import CommandParser
from rich.table import Column, Table

from accounts import strategies
from accounts.errors import BankError
from accounts.management.arguments import to_json
from accounts.management.benchmarks import audits, cpu, evidence, explorer, queue, samples, speed, suite, waits
from accounts.management.command import BankCommand
from accounts.management.output import check_targets, write_whole

SECTIONS = ["speed", "cpu", "queue", "audits", "evidence", "explorer"]
ONLY_BY_NAME = ["tests"]
PARTS = {"explorer": ["explorer", "waits", "proofs", "samples"]}  # of a section with more than one table


class Command(BankCommand):
    help = "Measure strategies against pgbench, the queue, audits and evidence, in turns, and print ratios of medians."
    examples = """
  manage.py benchmark                                  all sections: some minutes
  manage.py benchmark speed --workers 2,4 --rounds 7
  manage.py benchmark speed --full                     all strategies, at 6, 100 and 10,000 accounts
  manage.py benchmark audits --million                 up to 1,000,000 accounts
  manage.py benchmark tests                            how long the project's own tests take: ten minutes and more
  manage.py benchmark --json benchmark.json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "sections",
            nargs="*",
            metavar="SECTION",
            help=f"some of {', '.join(SECTIONS)} (default: all of these), {', '.join(ONLY_BY_NAME)}",
        )
        parser.add_argument("--workers", default="2,4", metavar="N,N", help="worker processes (default: 2,4)")
        parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each measurement (default: 5)")
        parser.add_argument("--full", action="store_true", help="all strategies, at 6, 100 and 10,000 accounts")
        parser.add_argument("--million", action="store_true", help="audits of 1,000,000 accounts too")
        parser.add_argument("--json", metavar="FILE", help="write the figures to this file as well")

    def handle(self, *, sections: list[str], json: str | None, rounds: int, **options: Any) -> None:
        for section in sections:
            if section not in (known := [*SECTIONS, *ONLY_BY_NAME]):
                raise BankError(f"There is nothing to measure called {section!r}: choose from {', '.join(known)}.")
        if not 1 <= rounds <= 100:
            raise BankError(f"--rounds cannot be {rounds}: choose 1 to 100.")
        if json:
            check_targets({"--json": json}, overwrite=True, overwrite_option="")
        measures = self._measures(rounds=rounds, **options)
        figures: dict[str, Any] = {"machine": _machine()}
        for name in (name for section in sections or SECTIONS for name in PARTS.get(section, [section])):
            self.console.print(f"[bold]{name}[/bold]")
            figures[name] = measures[name]()
            self.console.print(_table(figures[name]))
        if json:
            write_whole(json, to_json(figures) + "\n")

    def _measures(
        self, *, rounds: int, workers: str, full: bool, million: bool, **options: Any
    ) -> dict[str, Callable[[], list[dict[str, Any]]]]:
        worker_counts = _counts("--workers", workers, maximum=64)
        return {
            "speed": lambda: speed.measure_speed(
                names=speed.all_names() if full else speed.STRATEGIES,
                worker_counts=worker_counts,
                account_counts=[6, speed.ACCOUNTS, 10_000] if full else [speed.ACCOUNTS],
                rounds=rounds,
            ),
            "cpu": lambda: cpu.measure_cpu(worker_counts=worker_counts),
            "queue": lambda: queue.measure_queue(rounds=rounds),
            "audits": lambda: audits.measure_audits(
                account_counts=[10, 1_000, 100_000, *([1_000_000] if million else [])],
                names=strategies.names("audit"),
            ),
            "evidence": evidence.measure_evidence,
            "explorer": lambda: [measure._asdict() for measure in explorer.measure_explorer(rounds)],
            "waits": lambda: [measure._asdict() for measure in waits.measure_waits(rounds)],
            "proofs": lambda: explorer.measure_proofs(rounds),
            "samples": lambda: [measure._asdict() for measure in samples.measure_samples(rounds)],
            "tests": suite.measure_suite,
        }


def _counts(option: str, text: str, *, maximum: int) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= maximum for part in parts):
        raise BankError(f"{option} cannot be {text!r}: give numbers from 1 to {maximum}, with commas.")
    return [int(part) for part in parts]


def _machine() -> dict[str, Any]:
    return {
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(*(Column(name.replace("_", " "), overflow="fold") for name in rows[0]))
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
