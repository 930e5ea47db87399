"""Says why each wrong audit of a storm was wrong: which transfers it saw on one account only, to the cent."""

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from accounts.errors import BankError
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import name_accounts
from accounts.evidence.rows import AuditValues
from accounts.management.arguments import find_storm, to_json
from accounts.management.command import BankCommand
from accounts.reporting.explain import AccountValues, Confusion, StormValues, explain_storm
from accounts.reporting.stalled import what_is_missing

NONE_WRONG = "No audit was torn or wrong."


class Command(BankCommand):
    help = "Explain every wrong audit, lost update and account that is off in a storm, from what the rows recorded."
    examples = """
  manage.py explain last                the newest storm
  manage.py explain 8                   the worst, the first and the last wrong audit, and every account
  manage.py explain 8 --audit 1416      one audit, with all of its half-seen transfers
  manage.py explain 8 --json            every wrong audit; amounts are signed: below 0 is money not seen
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("storm", metavar="STORM", help='the number of a storm, or "last"')
        parser.add_argument("--audit", type=int, metavar="ID", help="only this audit")
        parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")

    def handle(self, *, storm: str, audit: int | None, json: bool, **options: Any) -> None:
        chosen = find_storm(storm)
        explanation = explain_storm(chosen)
        if missing := what_is_missing(chosen):
            self.stderr.write(f"Storm {chosen.pk} is running. {missing}")
        if audit is not None:
            explanation["audits"] = [_choose(explanation, audit)]
        if json:
            self.stdout.write(to_json(explanation))
        elif audit is not None:
            self._print_audit(explanation["audits"][0])
        else:
            self._print_storm(explanation)

    def _print_audit(self, audit: AuditValues) -> None:
        self._say(audit["story"])
        self._say(f"Anomalies: {', '.join(audit['anomalies']) or 'none'}.")
        for seen in audit["half_seen"]:
            self._say(
                f"  transfer {seen['transfer']} was seen on account {seen['seen_on']} only: {signed(seen['amount'])}"
            )
        if audit["unread"]:
            amount = signed(audit["unread_amount"] or 0)
            self._say(f"  incomplete: did not read {name_accounts(audit['unread'])}: {amount}")
        self._say(f"Off by {signed(audit['error'] or 0)}, explained {signed(audit['explained'] or 0)}.")

    def _print_storm(self, explanation: StormValues) -> None:
        audit_count, wrong = explanation["audits_taken"], explanation["audits"]
        self._say(
            f"Storm {explanation['id']}: transfers by {explanation['transfer_with']}, "
            f"{audit_count} audits by {explanation['audit_with']}."
        )
        for reason, count in explanation["audits_failed"].items():
            self.console.print(f"{count:,} more failed: {reason}", soft_wrap=True, markup=False)
        self.console.print(_confusion_table(explanation["confusion"]))
        for name, audit in _telling(wrong).items():
            self._say(f"[bold]{name}:[/bold] {audit['story']}")
        if explanation["unexplained"]:
            self._say(f"[bold yellow]{explanation['unexplained']} audits are not explained to the cent.[/bold yellow]")
        else:
            self._say(
                f"Explained to the cent: all {len(wrong)} audits that were torn or wrong." if wrong else NONE_WRONG
            )
        self._print_damage(explanation)

    def _print_damage(self, explanation: StormValues) -> None:
        lost_updates = explanation["lost_updates"]
        self._say(f"\nDrift {signed(explanation['drift'])}. Lost updates: {len(lost_updates):,}.")
        for update in lost_updates[:3]:
            self._say(f"  {update['story']}")
        if len(lost_updates) > 3:
            self._say(f"  ... and {len(lost_updates) - 3:,} more (--json lists all).")
        self.console.print(_account_table(explanation["accounts"]))

    def _say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True)


def _choose(explanation: StormValues, pk: int) -> AuditValues:
    for audit in explanation["audits"]:
        if audit["id"] == pk:
            return audit
    raise BankError(
        f"Audit {pk} is not among the {len(explanation['audits'])} wrong or torn audits of storm {explanation['id']}: "
        "`manage.py explain STORM` names some."
    )


def _telling(audits: list[AuditValues]) -> dict[str, AuditValues]:
    """The worst, the first and the last, each once; and one that is right by luck."""
    if not audits:
        return {}
    worst = max(audits, key=lambda audit: abs(audit["error"] or 0))
    by_label = {"Worst": worst, "First": audits[0], "Last": audits[-1]}
    lucky = next((audit for audit in audits if audit["right_by_luck"]), None)
    if lucky:
        by_label["Right by luck"] = lucky
    labels: dict[int, str] = {}
    for label, audit in by_label.items():
        labels.setdefault(audit["id"], label)
    return {label: by_label[label] for label in labels.values()}


def _confusion_table(confusion: Confusion) -> Table:
    table = Table("audits", "total right", "total wrong")
    table.add_row("whole", f"{confusion['whole_right']:,}", f"{confusion['whole_wrong']:,}")
    table.add_row("torn", f"{confusion['torn_right_by_luck']:,} (by luck)", f"{confusion['torn_wrong']:,}")
    if confusion["incomplete_right"] or confusion["incomplete_wrong"]:
        table.add_row("incomplete", f"{confusion['incomplete_right']:,}", f"{confusion['incomplete_wrong']:,}")
    if confusion["unknown"]:
        table.add_row("unknown", f"{confusion['unknown']:,} kept no readings", "")
    return table


def _account_table(accounts: list[AccountValues], at_most: int = 20) -> Table:
    table = Table("account", "opening", "should be", "is", "off by", "because")
    off_first = sorted(accounts, key=lambda account: not account["off_by"])
    for account in sorted(off_first[:at_most], key=lambda account: account["account"]):
        causes = Counter(part["cause"] for part in account["because"])
        table.add_row(
            str(account["account"]),
            *(f"{amount:,}" for amount in (account["opening"], account["should_be"], account["balance"])),
            signed(account["off_by"]),
            ", ".join(f"{count:,} {cause}" for cause, count in causes.items()),
        )
    if len(accounts) > at_most:
        table.caption = f"{at_most} of {len(accounts):,} accounts; those that are off come first."
    return table
