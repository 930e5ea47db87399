"""A schedule beside its code: both strategies' sources, and of one step: its line, the accounts, the waits."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from accounts.errors import BankError
from accounts.explorer.plan import Plan
from accounts.explorer.report import StepReport
from accounts.explorer.strategy_files import find_strategy
from accounts.reporting.lock_names import name_process
from accounts.reporting.source_excerpt import lines_behind
from accounts.reporting.state_picture import Picture, picture, sessions_ended


@dataclass(frozen=True)
class SourceLine:
    """One line of a source."""

    number: int
    html: SafeString
    sessions: tuple[str, ...] = ()  #: those whose last step so far was sent from this line
    is_chosen: bool = False  #: the chosen step was sent from here
    begins: bool = False  #: what is to be seen first begins here: the strategy's function


@dataclass(frozen=True)
class Source:
    """A strategy's file."""

    function: str  #: "transfer" or "audit"
    title: str  #: "Transfer: row_lock.py"
    lines: Sequence[SourceLine]


@dataclass(frozen=True)
class ScheduleCode:
    """What a page shows beside a schedule's table. Steps are counted from 1; step 0: none has been taken."""

    step: int
    step_count: int
    text: str = ""  #: the chosen step in a few words
    session: str = ""  #: of the chosen step
    sources: Sequence[Source] = ()
    now: Picture = field(default_factory=Picture)  #: the bank after this step

    @property
    def previous(self) -> int | None:
        return self.step - 1 if self.step > 1 else None

    @property
    def next(self) -> int | None:
        return self.step + 1 if self.step < self.step_count else None


def schedule_code(
    plan: Plan,
    steps: Sequence[StepReport],
    step: int,
    *,
    still: Collection[str] = (),
    names_strategies: bool = True,
    is_excerpt: bool = False,
) -> ScheduleCode:
    """The code of a schedule at one of its steps. A step that is not there counts as the nearest one that is.

    `still`: the sessions that have not ended after the last of these steps. `is_excerpt`: of the strategies' files,
    only the lines of their functions are shown.
    """

    def sources(taken: Sequence[StepReport]) -> Iterator[Source]:
        return _sources(plan, taken, names_strategies=names_strategies, is_excerpt=is_excerpt)

    code = code_at(steps, step, sources)
    ended = sessions_ended(plan, steps, code.step, still=still)
    text = name_process(plan.processes, code.text, list(plan.sessions).index(code.session)) if code.session else ""
    return replace(code, text=text, now=picture(plan, steps[: code.step], ended=ended))


def code_at(
    steps: Sequence[StepReport], step: int, sources: Callable[[Sequence[StepReport]], Iterable[Source]]
) -> ScheduleCode:
    """Any schedule at one of its steps, or at the nearest one that is there. `sources`: after the steps so far."""
    step = max(min(step, len(steps)), min(1, len(steps)))
    taken = steps[:step]
    chosen = taken[-1] if taken else None
    return ScheduleCode(
        step=step,
        step_count=len(steps),
        text=chosen.text if chosen else "",
        session=chosen.session if chosen else "",
        sources=list(sources(taken)),
    )


def _sources(plan: Plan, taken: Sequence[StepReport], *, names_strategies: bool, is_excerpt: bool) -> Iterator[Source]:
    """The transfers' file and the audits' file; nothing of a strategy that is no longer there."""
    for path, function, sessions in _files(plan):
        title = f"{function.capitalize()}: {path.name}" if names_strategies else f"The {function}"
        with suppress(OSError):
            yield source_of(path, function, title, sessions, taken, is_excerpt=is_excerpt)


def _files(plan: Plan) -> Iterator[tuple[Path, str, Sequence[str]]]:
    """Each strategy's file, its function, and the sessions that run it; without a strategy that is no longer there."""
    for function, strategy in (("transfer", plan.transfer_with), ("audit", plan.audit_with)):
        sessions = [name for name, order in plan.sessions.items() if (order is None) == (function == "audit")]
        with suppress(BankError):
            path = find_strategy(strategy, function).path
            if sessions:
                yield path, function, sessions


def sources_of_all_steps(plan: Plan, steps: Sequence[StepReport]) -> list[Source]:
    """Both files; at each line, in place of sessions, the numbers of the steps that were sent from there."""
    return list(_sources_of_all_steps(plan, steps))


def _sources_of_all_steps(plan: Plan, steps: Sequence[StepReport]) -> Iterator[Source]:
    for path, function, sessions in _files(plan):
        with suppress(OSError):
            source = source_of(path, function, f"{function.capitalize()}: {path.name}", [], [])
            sent = [step.line_in(str(path)) if step.session in sessions else None for step in steps]
            lines = [
                replace(line, sessions=tuple(str(n) for n, at in enumerate(sent, start=1) if at == line.number))
                for line in source.lines
            ]
            yield replace(source, lines=lines)


def source_of(
    path: Path,
    function: str,
    title: str,
    sessions: Sequence[str],
    taken: Sequence[StepReport],
    *,
    is_excerpt: bool = False,
) -> Source:
    """A file with the lines at which these sessions are after the steps that were taken; the last step's is lit.

    `function` is where it stands: "transfer" on the left, "audit" on the right. Raises OSError.
    """
    lines = highlighted_lines(str(path), path.stat().st_mtime_ns)
    shown = _all_or_excerpt(path, function, len(lines), is_excerpt=is_excerpt)
    return source_of_lines(lines, str(path), function, title, sessions, taken, shown=shown)


def source_of_lines(
    lines: Sequence[str],
    file: str,
    function: str,
    title: str,
    sessions: Sequence[str],
    taken: Sequence[StepReport],
    *,
    shown: Sequence[int] | None = None,
) -> Source:
    """The same of lines that are known already. `file`: its name in the steps; `shown`: the lines' numbers, or all."""
    at = {name: _last_line(taken, name, file) for name in sessions}
    lit = at.get(taken[-1].session) if taken and taken[-1].line_in(file) else None
    numbers = range(1, len(lines) + 1) if shown is None else shown
    return Source(function, title, [_line(number, lines[number - 1], at, lit, function) for number in numbers])


def begin_at(source: Source, text: str) -> Source:
    """The same, to be seen first from the line that begins with this text."""
    return replace(source, lines=[replace(line, begins=_begins(line.html, text)) for line in source.lines])


def _begins(html: str, text: str) -> bool:
    return strip_tags(html).startswith(text)


def _all_or_excerpt(path: Path, function: str, line_count: int, *, is_excerpt: bool) -> Sequence[int]:
    """The numbers of the lines that are shown."""
    if not is_excerpt:
        return range(1, line_count + 1)
    return lines_behind(path.read_text(encoding="utf-8", errors="replace"), function)


def _line(number: int, html: str, at: Mapping[str, int | None], lit: int | None, function: str) -> SourceLine:
    sessions = tuple(name for name, line in at.items() if line == number)
    begins = _begins(html, f"def {function}(")
    return SourceLine(number, mark_safe(html), sessions, is_chosen=number == lit, begins=begins)


def _last_line(taken: Sequence[StepReport], session: str, file: str) -> int | None:
    """The line of its file at which a session is; None before its first step, and where it is in no line of it."""
    return next((step.line_in(file) for step in reversed(taken) if step.session == session), None)


@lru_cache(maxsize=64)
def highlighted_lines(path: str, changed_at: int) -> tuple[str, ...]:
    """The lines of a Python file as HTML: words in spans whose classes are Pygments' short names.

    `changed_at` is when the file was changed, so that an edited file is read again. Raises OSError.
    """
    return highlighted(Path(path).read_text(encoding="utf-8", errors="replace"))


@lru_cache(maxsize=64)
def highlighted(code: str) -> tuple[str, ...]:
    """The same of a text. The lines are those that Python counts: a form feed begins no new one."""
    formatter = HtmlFormatter(nowrap=True)  # it closes its spans at the end of each line
    return tuple(highlight(code, PythonLexer(stripnl=False), formatter).removesuffix("\n").split("\n"))
