"""How storms look in a terminal: progress while they run, tables of what they came to."""

import sys
import time

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from accounts.cluster.subprocesses import Cluster
from accounts.models import Report, Storm
from accounts.storms import report_text
from accounts.storms.follow import follow
from accounts.storms.lifecycle import end_storm
from accounts.storms.outage import retry_while_away
from accounts.storms.report import report_on

PLAIN_LINE_EVERY_S = 2.0


def follow_on_screen(storm: Storm, cluster: Cluster | None = None) -> bool:
    """Follow a storm on stderr: a live bar in a terminal, a line now and then in a pipe.

    Ctrl-C stops the storm; returns whether that happened.
    """
    try:
        if sys.stderr.isatty():
            _follow_live(storm, cluster)
        else:
            _follow_in_lines(storm, cluster)
    except KeyboardInterrupt:
        connection.close()  # it may have been interrupted in the middle of an answer
        end_storm(storm, Storm.State.STOPPED, "Interrupted from the keyboard.")
        print("Interrupted: the workers finish what they have begun.", file=sys.stderr)
        return True
    return False


def _follow_live(storm: Storm, cluster: Cluster | None) -> None:
    columns = TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        transfers = bars.add_task("transfers", total=storm.transfer_count)
        audits = bars.add_task("audits", total=storm.audit_count)
        for now in follow(storm, cluster):
            if now.news:
                bars.console.print(now.news)
            bars.update(transfers, completed=now.progress.transfers_ended)
            bars.update(audits, completed=now.progress.audits_ended)


def _follow_in_lines(storm: Storm, cluster: Cluster | None) -> None:
    printed_at = time.monotonic()
    for now in follow(storm, cluster):
        if now.news:
            print(now.news, file=sys.stderr, flush=True)
        if time.monotonic() - printed_at >= PLAIN_LINE_EVERY_S:
            printed_at = time.monotonic()
            print(
                f"{now.progress.transfers_ended:,} of {storm.transfer_count:,} transfers, "
                f"{now.progress.audits_ended:,} of {storm.audit_count:,} audits",
                file=sys.stderr,
                flush=True,
            )


def report_patiently(storm: Storm) -> Report:
    """report_on(), for commands: while the database is away, it is waited for, and stderr says so."""
    return retry_while_away(lambda: report_on(storm), say=lambda news: print(news, file=sys.stderr, flush=True))


def print_report(console: Console, report: Report) -> None:
    """A storm's report as a table of facts, the verdict last."""
    table = Table(title=f"Storm {report.id} ({report.state})", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column()
    for name, value in report_text.facts(report):
        table.add_row(name, value)
    console.print(table)
    if report.story:
        console.print(report.story, soft_wrap=True)
    if not report.is_final:
        console.print(report_text.NOT_FINAL, soft_wrap=True)
