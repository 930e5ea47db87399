"""`lab start N`: the exercise is copied to where the student works, and the story is told."""

from django.core.management.base import CommandParser

from accounts.labs import records
from accounts.labs.working_files import copy_exercise
from accounts.management.lab_actions.context import Context
from accounts.management.labs import say

HELP = "copy the exercise to my_labs/ and read the story"
EXAMPLE = "lab start 2"
NEXT = {"predict": "first", "run": "see whether you knew, and your task", "check": "when you have repaired it"}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--again", action="store_true", help="begin anew; your file so far is kept as a backup")


def run(context: Context, *, again: bool, **_options: object) -> None:
    lab = context.lab
    message = copy_exercise(lab, again=again)
    say(context.console, f"Lab {lab.number}: {lab.title}\n", "bold")
    context.say_prose(lab.readme.story)
    questions = lab.questions(context.variant)
    context.say_prose("\n".join(f"- `{question.name}` ({question.kind}): {question.text}" for question in questions))
    context.console.print()
    if records.may_see_answers(context.record):
        context.say_task()
    say(context.console, f"{message} What comes next:\n")
    for action, why in NEXT.items():
        say(context.console, f"    {f'manage.py lab {action} {lab.number}':<26} {why}")
