"""`manage.py explain` tells the story of each wrong audit."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Audit, Transfer
from accounts.reporting.explain import explain_storm
from tests.support.storms import read

pytestmark = pytest.mark.django_db(transaction=True)


def test_explain_tells_the_story_of_a_torn_audit(torn, capsys):
    call_command("explain", "last")

    out = " ".join(capsys.readouterr().out.split())
    moved, audit = Transfer.objects.get(), Audit.objects.get()
    assert (
        f"Worst: Audit {audit.pk} read 44,577, expected 44,500: read account 1 before transfer {moved.pk} "
        "(77 from 1 to 6) left, and account 6 after the 77 had arrived: 77 too much."
    ) in out
    assert "Explained to the cent: all 1 audits" in out


def test_explain_as_json_names_what_was_half_seen(torn, capsys):
    call_command("explain", str(torn.pk), "--json")

    explained = json.loads(capsys.readouterr().out)
    (audit,) = explained["audits"]
    assert {key: audit[key] for key in ("id", "total", "error", "explained", "half_seen", "lost_updates")} == {
        "id": Audit.objects.get().pk,
        "total": 44_577,
        "error": 77,
        "explained": 77,
        "half_seen": [{"transfer": Transfer.objects.get().pk, "seen_on": 6, "amount": 77}],
        "lost_updates": 0,
    }
    assert audit["anomalies"] == ["read skew (A5A, G-single)"]
    assert explained["confusion"]["torn_wrong"] == 1


def test_explain_says_of_an_audit_what_judging_noted_on_it_for_its_page(torn):
    (explained,) = explain_storm(torn)["audits"]

    assert explained == Audit.objects.get().explanation


def test_explain_one_audit(torn, capsys):
    call_command("explain", "last", "--audit", str(Audit.objects.get().pk))

    assert "was seen on account 6 only: +77" in capsys.readouterr().out


def test_explain_says_which_accounts_an_incomplete_audit_did_not_read(torn, capsys):
    readings = read(torn.bank)[:4]
    audit = Audit.objects.get()
    audit.readings, audit.total = readings, sum(reading.balance for reading in readings)
    audit.save()

    call_command("explain", "last", "--audit", str(audit.pk))
    call_command("explain", "last")

    out = " ".join(capsys.readouterr().out.split())
    assert "incomplete: did not read accounts 5, 6 (15,077 short)." in out
    assert "Anomalies: accounts not read. incomplete: did not read accounts 5, 6: -15,077 Off by" in out
    assert "Explained to the cent: all 1 audits" in out
    assert re.search(r"incomplete\W+0\W+1\W", out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none"], "A storm cannot be 'none': give its number, or \"last\"."),
        (["999999999"], "There is no storm '999999999': "),
        (["9" * 40], "A storm cannot be '999"),
        (["last"], "There is no storm 'last': none has been launched yet; `manage.py storm` launches one."),
    ],
)
@pytest.mark.parametrize("command", ["explain", "history"])
def test_error_storm_that_is_not_there(command, arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command(command, *arguments)

    assert str(refusal.value).startswith(sentence)


def test_error_audit_that_is_not_wrong(torn):
    with pytest.raises(CommandError, match="Audit 0 is not among the 1 wrong or torn audits"):
        call_command("explain", "last", "--audit", "0")
