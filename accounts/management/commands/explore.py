"""Runs every interleaving of a few transfers and audits, or of a file's sessions, and shows one that goes wrong."""

import json as json_module
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from accounts import strategies
from accounts.explorer.exploration import Exploration
from accounts.explorer.explore import LIMIT, MAX_JOBS, explore
from accounts.explorer.headline import headline
from accounts.explorer.plan import SEPARATE, SHARED, Plan, make_plan
from accounts.explorer.replay import replay
from accounts.explorer.report import Listed, ScheduleReport, report_steps
from accounts.explorer.timeline import headings
from accounts.management.command import BankCommand
from accounts.management.explorations import next_steps, sentence, timeline, verdict
from accounts.management.isolation_matrix import ALL, print_matrix
from accounts.management.output import write_whole
from accounts.management.races import CANNOT_EXPLORE, add_race_arguments, check_goes_together, check_html, run_races
from accounts.management.sudden_end import said_if_sudden
from accounts.reporting.exploration_document import exploration_as_html, schedule_as_html
from bankproject.streams import output_to_stderr
from interleavings.engine.scenario import Run

WIDTH = 100
SAY_EVERY_S = 2.0


class Command(BankCommand):
    help = (
        "Explore: run a few transfers and audits, by the unmodified strategies on the real database, in every order "
        "in which their steps can happen. The verdict is a proof for this scenario, not a sample."
    )
    examples = """
  manage.py explore                                      the missed lock: torn in 4 of 35 schedules
  manage.py explore --audit-with row_lock                the repair: none, and that were all
  manage.py explore --transfer-with no_lock --transfers "1>2:30,1>3:5" --audits 0
  manage.py explore --transfer-with python_lock --audit-with python_lock --processes separate
  manage.py explore --transfer-with path/to/my_fix.py --audit-with path/to/my_fix.py
  manage.py explore --transfers "1>2:30,2>3:5,3>1:2" --jobs 2      a large one, in two processes
  manage.py explore --schedule "a t t t t a a"           one schedule, step by step
  manage.py explore --schedule "a t t t t a a" --code    with the line of row_lock.py or no_lock.py behind each step
  manage.py explore --html missed-lock.html              the shortest bad schedule beside its code, as a page to hand in

  manage.py explore --matrix                             isolation levels and locks x anomalies, each cell proved
  manage.py explore --matrix ReadCommitted/read_skew     one cell of it: the shortest schedule in which it happens

  manage.py explore races.py                             your own code: any models, any race
  manage.py explore races.py --app path/to/shop          on the models of an app outside this project

  # races.py
  from shop.models import Ticket, sell

  def setup():
      Ticket.objects.create(left=1)

  def session_anna():
      return sell("anna")

  def session_ben():
      return sell("ben")
"""

    def add_arguments(self, parser: CommandParser) -> None:
        add_race_arguments(parser)
        _add_scenario_arguments(parser)
        parser.add_argument("--schedule", metavar="STEPS", help='run only this one, such as "t t a t a"')
        parser.add_argument("--list", action="store_true", help="list every schedule that was run, with its verdict")
        parser.add_argument("--code", action="store_true", help="show the file and the line that sent each step")
        parser.add_argument("--sql", action="store_true", help="show the statements in full")
        parser.add_argument(
            "--limit", type=int, default=LIMIT, metavar="N", help=f"run no more schedules (default: {LIMIT:,})"
        )
        parser.add_argument(
            "--jobs",
            type=int,
            default=1,
            metavar="N",
            help=f"share the schedules among N processes, up to {MAX_JOBS}: pays from some seconds on (default: 1)",
        )
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the sample, if the limit is reached")
        parser.add_argument(
            "--no-prune", dest="prune", action="store_false", help="run equivalent schedules too: the verdict is equal"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
        parser.add_argument(
            "--matrix",
            nargs="?",
            const=ALL,
            metavar="CELL",
            help="the isolation matrix: which anomaly is possible at which isolation level, and under which lock; or "
            "one cell of it, such as ReadCommitted/read_skew, with its shortest schedule",
        )

    def make_rich_console(self, **options: Any) -> Console:
        console = super().make_rich_console(**options)
        console.width = min(console.width, WIDTH)
        return console

    def handle(self, **options: Any) -> None:
        check_goes_together(options, self.create_parser("manage.py", "explore").get_default)
        # A file may print, close what it prints to, and end the program.
        with output_to_stderr(), said_if_sudden(CANNOT_EXPLORE if options["file"] else 1):
            if options["matrix"]:
                print_matrix(options["matrix"], self.console, self.stdout.write, as_json=options["json"])
            elif options["file"]:
                run_races(say=self.stdout.write, as_json=options.pop("json"), **options)
            else:
                self._explore(**options)

    def _explore(self, *, schedule: str | None, json: bool, list: bool, sql: bool, code: bool, **options: Any) -> None:
        plan = make_plan(
            **{name: options[name] for name in ("transfer_with", "audit_with", "accounts", "transfers", "audits")},
            processes=options["processes"],
        )
        check_html(options["html"], force=options["force"])
        if schedule is not None:
            self._replay(plan, schedule, as_json=json, full_sql=sql, with_code=code, html=options["html"])
            return
        search = {name: options[name] for name in ("prune", "limit", "seed", "jobs")}
        exploration = explore(plan, **search, on_progress=_progress())
        report = exploration.report()
        if options["html"]:
            schedule_report = report.worst or _most_mixed(exploration)
            write_whole(options["html"], exploration_as_html(plan, report, schedule_report))
        if json:
            listing = {"list": list_entries(exploration.listing)} if list else {}
            first = {"headline": headline(report)._asdict()}
            self.stdout.write(json_module.dumps(first | report.as_values() | listing, indent=2))
        else:
            self._print(exploration, with_list=list, full_sql=sql, with_code=code)

    def _print(self, exploration: Exploration, *, with_list: bool, full_sql: bool, with_code: bool) -> None:
        for line in verdict(exploration):
            self._say(line)
        if with_list:
            for entry in exploration.listing:
                times = f" (and {entry.weight - 1:,} like it)" if entry.weight > 1 else ""
                self._say(f"  {entry.schedule}{times}: {', '.join(entry.verdict) or 'right'}")
        if exploration.worst is not None:
            self._say(f"\nThe shortest bad schedule: {exploration.worst}")
            steps = report_steps(exploration.worst.steps, exploration.numbers, full_sql=full_sql)
            self.console.print(timeline(headings(exploration.plan), steps, with_code=with_code))
            self._print_outcome(exploration.worst)

    def _print_outcome(self, run: Run) -> None:
        for line in sentence(run):
            self._say(line)

    def _replay(
        self, plan: Plan, schedule: str, *, as_json: bool, full_sql: bool, with_code: bool, html: str | None
    ) -> None:
        played_schedule = replay(plan, schedule)
        report = played_schedule.report()
        if html:
            write_whole(html, schedule_as_html(plan, schedule, report.steps, report.ended))
        if as_json:
            self.stdout.write(json_module.dumps(report.as_values(), indent=2))
            return
        steps = report_steps(played_schedule.steps, played_schedule.numbers, full_sql=full_sql)
        self.console.print(timeline(headings(plan), steps, with_code=with_code))
        if played_schedule.run is not None:
            self._print_outcome(played_schedule.run)
        else:
            self._say(next_steps(played_schedule))

    def _say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True, markup=False)


def list_entries(listing: Sequence[Listed]) -> list[dict[str, Any]]:
    """Every schedule that was run, ready for JSON."""
    return [
        {"schedule": entry.schedule, "stands_for": entry.weight, "verdict": list(entry.verdict)} for entry in listing
    ]


def _most_mixed(exploration: Exploration) -> ScheduleReport | None:
    """Where nothing is wrong: of the schedules that were run, one that changes the session most often."""
    most_mixed = max(zip(exploration.schedules, exploration.listing, strict=True), key=_switch_count, default=None)
    return None if most_mixed is None else replay(exploration.plan, most_mixed[1].schedule).report().ended


def _switch_count(run: tuple[tuple[str, ...], Listed]) -> int:
    return sum(name != following for name, following in pairwise(run[0]))


def _progress() -> Callable[[Exploration], None]:
    """Says on stderr how far it has come, every SAY_EVERY_S."""
    said_at = time.monotonic()

    def progress(exploration: Exploration) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_EVERY_S:
            said_at = time.monotonic()
            print(f"{exploration.tally.run_count:,} schedules run", file=sys.stderr, flush=True)

    return progress


def _add_scenario_arguments(parser: CommandParser) -> None:
    """What is explored: who does what in which bank."""
    for function, default in (("transfer", "row_lock"), ("audit", "no_lock")):
        parser.add_argument(
            f"--{function}-with",
            default=default,
            metavar="STRATEGY",
            help=f"{', '.join(strategies.names(function))}; or a file with {function}() (default: {default})",
        )
    parser.add_argument(
        "--transfers", default="1>2:30", metavar="LIST", help='SOURCE>TARGET:AMOUNT, ... (default: "1>2:30")'
    )
    parser.add_argument("--audits", type=int, default=1, metavar="N", help="how many audits (default: 1)")
    parser.add_argument("--accounts", type=int, metavar="N", help="2 to 20 (default: as many as there are used)")
    parser.add_argument(
        "--processes",
        choices=[SHARED, SEPARATE],
        default=SHARED,
        help="shared: all in one process, with the same Python locks (default); separate: one process each",
    )
