"""Runs one storm on real workers and reports its result."""

from types import ModuleType
from typing import Any, NamedTuple

from django.core.management.base import CommandParser
from django.db.models import Field

from accounts import faults, strategies
from accounts.errors import BankError
from accounts.faults.injector import injecting_faults
from accounts.management.arguments import to_json
from accounts.management.command import BankCommand
from accounts.management.display import follow_on_screen, print_report, report_patiently
from accounts.models import Storm
from accounts.storms.launch import check_connections, launch, launch_on_running, plan_storm, private_cluster
from accounts.storms.report_text import NOT_FINAL
from bankproject.command_line import INTERRUPTED

CHAOS_EVERY_S = 0.5
NO_FAULT = "No fault was injected: the storm was over first. Choose more --transfers, or a smaller --chaos-every."
CHAOS_PATIENCE_S = 3.0  # for workers that hang when the storm is over: there is nothing left for them to finish


class Command(BankCommand):
    help = "Launch a storm of transfers and audits on real worker processes, follow it, and report."
    examples = """
  manage.py storm                                        row locks for all: every audit is right
  manage.py storm --audit-with no_lock                   the missed lock: the audits are torn
  manage.py storm --transfer-with python_lock --audit-with python_lock --workers 1 --threads 8
  manage.py storm --transfer-with no_lock --audit-with single_statement --json
  manage.py storm --chaos kill-workers,redeliver --chaos-every 1     faults while it runs
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--transfer-with", default="row_lock", metavar="STRATEGY", help=", ".join(strategies.names("transfer"))
        )
        parser.add_argument(
            "--audit-with", default="row_lock", metavar="STRATEGY", help=", ".join(strategies.names("audit"))
        )
        add_size_arguments(parser)
        parser.add_argument(
            "--cluster",
            choices=["private", "running"],
            default="private",
            help="private: workers of its own (default); running: those of `manage.py qcluster`",
        )
        parser.add_argument(
            "--chaos",
            metavar="KINDS",
            help=f"inject faults while it runs, on a private cluster: all, or some of {','.join(faults.names())}",
        )
        parser.add_argument(
            "--chaos-every", type=float, metavar="SECONDS", help=f"time between faults (default: {CHAOS_EVERY_S:g})"
        )
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object, and nothing else")

    def handle(self, *, cluster: str, json: bool, **options: Any) -> None:
        storm = plan_storm(**{field: options[field] for field in ("transfer_with", "audit_with", *SIZES)})
        fault_plan = choose_faults(options["chaos"], options["chaos_every"], cluster=cluster)
        interrupted = run_storm(storm, cluster=cluster, fault_plan=fault_plan)
        report = report_patiently(storm)
        if fault_plan and not report.faults:
            self.stderr.write(NO_FAULT)
        if json:
            self.stdout.write(to_json(report.as_values()))
            if not report.is_final:
                self.stderr.write(NOT_FINAL)
        else:
            print_report(self.console, report)
        if interrupted:
            raise SystemExit(INTERRUPTED)


SIZES = {
    "transfer_count": "--transfers",
    "audit_count": "--audits",
    "account_count": "--accounts",
    "worker_count": "--workers",
    "thread_count": "--threads",
    "max_amount": "--max-amount",
    "seed": "--seed",
}


def add_size_arguments(parser: CommandParser) -> None:
    """One option for each number that a person may choose; the defaults and the limits are the model's."""
    for field, option in SIZES.items():
        model_field = Storm._meta.get_field(field)
        assert isinstance(model_field, Field)
        parser.add_argument(
            option,
            dest=field,
            type=int,
            default=model_field.default,
            metavar="N",
            help=f"{model_field.help_text or model_field.verbose_name} (default: {model_field.default})",
        )


class FaultPlan(NamedTuple):
    """Which kinds of fault, and how often."""

    kinds: dict[str, ModuleType]
    every_s: float


def choose_faults(names: str | None, every_s: float | None, *, cluster: str = "private") -> FaultPlan | None:
    """What --chaos and --chaos-every ask for, or BankError."""
    if names is None:
        if every_s is not None:
            raise BankError("--chaos-every goes with --chaos: say which faults, or all.")
        return None
    if cluster != "private":
        raise BankError("--chaos needs a private cluster: others use the running one. Leave out `--cluster running`.")
    if every_s is not None and not 0.1 <= every_s <= 3600:
        raise BankError(f"--chaos-every cannot be {every_s:g}: choose 0.1 to 3600 seconds.")
    return FaultPlan(faults.choose(names), CHAOS_EVERY_S if every_s is None else every_s)


def run_storm(storm: Storm, *, cluster: str = "private", fault_plan: FaultPlan | None = None) -> bool:
    """Launch a planned storm and follow it to its end on stderr; return whether Ctrl-C ended it."""
    check_connections(storm)
    if cluster == "running":
        launch_on_running(storm)
        return follow_on_screen(storm)
    with private_cluster(storm) as workers:
        launch(storm, queue=workers.queue)
        if fault_plan is None:
            return follow_on_screen(storm, workers)
        workers.patience_s = CHAOS_PATIENCE_S
        with injecting_faults(storm, workers, fault_plan.kinds, every_s=fault_plan.every_s):
            return follow_on_screen(storm, workers)
