"""A storm's report as sentences and lines of text, for commands, pages and documents."""

from accounts.evidence.amounts import signed
from accounts.evidence.narrative import count
from accounts.models import Report
from accounts.models.storm_report import AuditCounts
from accounts.storms.expectations import Outcome

NOT_FINAL = "This is not final, and was not kept: workers are still working on this storm. Ask again in a moment."


def in_words(report: Report) -> str:
    """The outcome of a storm in one sentence."""
    audits = report.audits
    return {
        Outcome.HOLDS: "It holds: no audit was torn or wrong, and no money was made or lost.",
        Outcome.TORN: _torn_in_words(audits),
        Outcome.BREAKS: (
            f"It breaks: the money itself is wrong (drift {signed(report.drift)}, {report.lost_updates:,} lost "
            f"updates, {report.accounts_off:,} accounts off)."
        ),
        Outcome.UNFINISHED: f"It was not finished: it is {report.state}.{_until_then(audits)}",
    }[Outcome.of(report)]


def _until_then(audits: AuditCounts) -> str:
    """Of a storm that was not finished: what the audits that were taken have shown."""
    return f" Until then, {audits.torn:,} of {audits.taken:,} audits saw half a transfer." if audits.torn else ""


def _torn_in_words(audits: AuditCounts) -> str:
    """Over right money: how many audits are torn; if none is, how many are incomplete, or only have a wrong total."""
    if audits.torn:
        return f"It is torn: the money is right, but {audits.torn:,} of {audits.taken:,} audits saw half a transfer."
    if audits.incomplete:
        return f"The money is right, and {audits.incomplete:,} of {audits.taken:,} audits did not read every account."
    return f"The money is right, and {audits.wrong_total:,} of {audits.taken:,} audits have a wrong total."


def facts(report: Report) -> list[tuple[str, str]]:
    """A storm's report as lines of text, each with its name."""
    transfers, audits = report.transfers, report.audits
    numbers = {name: getattr(transfers, name) for name in ("applied", "refused", "failed", "pending")}
    outcomes = [f"{number:,} {name}" for name, number in numbers.items() if number]
    if transfers.applied_twice:
        outcomes.append(f"{transfers.applied_twice:,} applied twice")
    unknown = f", {audits.torn_unknown:,} unknown" if audits.torn_unknown else ""
    incomplete = f", {audits.incomplete:,} incomplete" if audits.incomplete else ""
    failures = f", {audits.failed:,} failed" if audits.failed else ""
    faults = [f"{count:,} {kind}" for kind, count in report.faults.items()]
    return [
        ("transfers with", report.transfer_with),
        ("audits with", report.audit_with),
        ("ran on", f"{_workers(report)}, {report.accounts:,} accounts"),
        ("transfers", f"{transfers.planned:,} planned: {', '.join(outcomes) or 'none ended'}"),
        ("torn audits", f"{audits.torn:,} of {audits.taken:,}{incomplete}{unknown}{failures}"),
        ("wrong totals", f"{audits.wrong_total:,} of {audits.taken:,} (expected {report.expected_total:,})"),
        ("drift", signed(report.drift)),
        ("lost updates", f"{report.lost_updates:,}, {report.accounts_off:,} accounts off"),
        ("contention", _contention(report)),
        ("speed", f"{report.transfers_per_second:,.0f} transfers/s, {report.duration_s:.1f} s"),
        *([("faults", ", ".join(faults))] if faults else []),
    ]


def _workers(report: Report) -> str:
    return f"{count(report.workers, 'worker')} x {count(report.threads, 'thread')}"


def _contention(report: Report) -> str:
    names = ("deadlocks", "serialization_failures", "refused_locks", "retries")
    numbers = {name: getattr(report, name) for name in names}
    counted = [
        f"{number:,} {name.replace('_', ' ')}" for name, number in numbers.items() if number or name == "deadlocks"
    ]
    wait = report.lock_wait_ms
    return f"{', '.join(counted)}; waited {wait.p50:.1f} ms (median), {wait.p99:.1f} ms (99 %)"
