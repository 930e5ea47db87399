"""What a proof of each race of the sample project costs; six of them beside isolationtester, on the same SQL.

The samples are an app outside this one: they are installed for as long as they are measured, as `explore FILE --app`
does it, in a database that has their tables alone.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.test import override_settings

from accounts.db.scratch_database import scratch_database
from accounts.explorer.other_apps import find_app, installed, make_tables
from accounts.management.benchmarks.isolationtester import run_text
from accounts.management.benchmarks.sample_spec import make_copies, write_sample_spec
from interleavings import Report, explore

SAMPLES = settings.BASE_DIR / "tests" / "support" / "samples"
BESIDE = {
    "vote",
    "vote_locked",
    "allocate",
    "redeem",
    "redeem_with_the_voucher_locked",
    "rename and change_plan",
}


class Measure(NamedTuple):
    """Medians over rounds, but for the upkeep. The ratio is ours to theirs: 1.0 is as fast."""

    sample: str
    schedules: int
    run: int  #: with pruning
    proof_s: float  #: with pruning
    #: To set back, read and judge one schedule: the least of the rounds, as other work only adds to it.
    upkeep_ms: float
    explorer_per_s: float | None = None  #: without pruning
    isolationtester_per_s: float | None = None
    ratio: float | None = None


def measure_samples(rounds: int = 3) -> list[Measure]:
    """Every wrong version and every repair. Raises BankError where the samples are missing."""
    with _sample_project() as cases:
        return [_measure(case, rounds) for case in cases]


@contextmanager
def _sample_project() -> Iterator[list[Any]]:
    """Inside, the samples are installed and have their tables. The cases."""
    app = find_app(str(SAMPLES))
    with scratch_database(), installed([app]), override_settings(ROOT_URLCONF=f"{app.name}.urls", MIDDLEWARE=[]):
        make_tables([app])
        make_copies()
        cases = import_module(f"{app.name}.cases")
        yield [*cases.WRONG, *cases.REPAIRED]


def _measure(case: Any, rounds: int) -> Measure:
    _delete_all_rows()
    calls = case.calls()
    whole = explore(*calls, prune=False)
    proofs = [explore(*calls) for _ in range(rounds)]
    return Measure(
        sample=str(case),
        schedules=whole.schedules,
        run=proofs[0].run,
        proof_s=median(proof.duration_s for proof in proofs),
        upkeep_ms=min(sum(report.upkeep_ms.values()) for report in [whole, *proofs]),
        **(_beside(calls, whole, rounds) if str(case) in BESIDE else {}),
    )


def _delete_all_rows() -> None:
    for model in apps.get_app_config("samples").get_models():
        model._base_manager.all().delete()


def _beside(calls: Any, whole: Report, rounds: int) -> dict[str, float]:
    """Both run every schedule, in turns."""
    spec = write_sample_spec(whole)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(whole.run / explore(*calls, prune=False).duration_s)
        began = time.monotonic()
        run_text(spec)
        theirs.append(whole.run / (time.monotonic() - began))
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    return {"explorer_per_s": median(ours), "isolationtester_per_s": median(theirs), "ratio": ratio}
