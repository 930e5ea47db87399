"""`lab predict N`: the student says what will happen, before it does."""

import sys

from django.core.management.base import CommandParser

from accounts.errors import BankError
from accounts.labs import records
from accounts.labs.questions import AnswersRefused, Question
from accounts.management.lab_actions.context import Context
from accounts.management.labs import say

HELP = "say what will happen, before it does"
EXAMPLE = "lab predict 2 --answer torn=yes --answer end=no"


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--answer", action="append", default=[], metavar="NAME=VALUE", help="instead of being asked")


def run(context: Context, *, answer: list[str], **_options: object) -> None:
    answers = dict(map(_split, answer))
    if not answers:
        answers = {question.name: _ask(question) for question in context.lab.questions(context.variant)}
    try:
        records.predict(context.record, context.lab, answers)
    except AnswersRefused as refusal:
        name = next(iter(refusal.reasons))
        raise BankError(f"{refusal} (As an option: --answer {name}=VALUE.)") from refusal
    say(context.console, f"Kept. See what happens: `manage.py lab run {context.lab.number}`.")


def _split(answer: str) -> tuple[str, str]:
    name, equals, value = answer.partition("=")
    if not equals:
        raise BankError(f"--answer cannot be {answer!r}: write NAME=VALUE, such as torn=yes.")
    return name.strip(), value


def _ask(question: Question) -> str:
    """Ask until the answer is one. Raises BankError where standard input has ended."""
    while True:
        print(f"{question.text} ({question.kind}) ", end="", flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise BankError("There is no answer on standard input: give every answer as --answer NAME=VALUE.")
        try:
            question.parse(answer)
        except BankError as refusal:
            print(refusal)
        else:
            return answer
