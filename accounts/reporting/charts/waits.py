"""Who waits for whom: a line for each database session, and an arrow from each that waits to each that it waits for."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.reporting.charts.names import Worker
from accounts.reporting.charts.statements import shorten

LEFT, LINE = 90, 26
MOST_SESSIONS = 24
MOST_SQL, MOST_LONG_SQL = 52, 150


class Session(NamedTuple):
    """A connection to the database, and what it is at. `worker` is who opened it, if that is known."""

    pid: int
    waits_for: tuple[int, ...]
    ms: int  # since its statement began
    state: str
    sql: str
    worker: str = ""

    @property
    def name(self) -> str:
        """As the picture of the workers calls it; a number that only the server knows says that it is one."""
        return Worker.of(self.worker).label() if self.worker else f"session {self.pid} of the server"

    @property
    def short_sql(self) -> str:
        """For the picture; `long_sql` is for a table."""
        return shorten(self.sql, MOST_SQL)

    @property
    def long_sql(self) -> str:
        return shorten(self.sql, MOST_LONG_SQL)


class Line(NamedTuple):
    """One session in the picture, and the names of those that it waits for."""

    y: int
    session: Session
    waits_for: list[str]

    @property
    def text(self) -> str:
        """For people: "worker 23152 waits 8 ms: SELECT ... FOR UPDATE"."""
        one = self.session
        return f"{one.name} {f'waits {one.ms} ms' if one.waits_for else 'holds'}: {one.short_sql}"


class Waits(NamedTuple):
    """The picture. `arrows` are the paths of SVG, from who waits to who is waited for."""

    lines: list[Line]
    arrows: list[str]
    height: int
    left_out: int


def draw_waits(sessions: Sequence[Session]) -> Waits:
    """Those that wait for nobody come first, then the others, the longest wait first."""
    waited_for = {pid for session in sessions for pid in session.waits_for}
    involved = [session for session in sessions if session.waits_for or session.pid in waited_for]
    in_order = sorted(involved, key=lambda session: (bool(session.waits_for), -session.ms, session.pid))
    names = {session.pid: session.name for session in sessions}
    lines = [
        Line(
            y=LINE * place + LINE // 2,
            session=session,
            waits_for=[names.get(pid, f"session {pid} of the server") for pid in session.waits_for],
        )
        for place, session in enumerate(in_order[:MOST_SESSIONS])
    ]
    y = {line.session.pid: line.y for line in lines}
    pairs = [(line.y, y[blocker]) for line in lines for blocker in line.session.waits_for if blocker in y]
    arrows = [_arrow(begin_y, end_y) for begin_y, end_y in pairs if begin_y != end_y]
    return Waits(lines, arrows, LINE * len(lines), len(in_order) - len(lines))


def _arrow(begin_y: int, end_y: int) -> str:
    """An arc on the left of the lines: the farther the two are apart, the farther out it goes."""
    tip, out = LEFT - 6, max(4, LEFT - 20 - 12 * (abs(begin_y - end_y) // LINE))
    return f"M {tip} {begin_y} C {out} {begin_y} {out} {end_y} {tip} {end_y}"
