"""Watches the process that examines a file, and decides whether the file hangs it.

What ends an examination is a number of schedules. Time only counts while no schedule ends: the processor time that
the process has used since the last one tells a file that runs for ever. The clock tells nothing, for the machine may be
busy with other things; so what the clock ends is not graded yet.
"""

import re
import time
from contextlib import suppress
from pathlib import Path

import psutil

from accounts.cluster.subprocesses import Subprocess
from accounts.labs import heartbeat
from accounts.labs.examination_request import LOADING

MAX_CPU_S = 30  # one schedule takes a hundredth of it
LOADING_LIMIT_S = 20
MAX_LOADING_CPU_S = 10
LOOK_AT_CPU_EVERY_S = 0.5


class Died(Exception):
    """The process ended, or was ended, without an answer, and that is the file's doing. The message is one sentence."""


class NotEnded(Exception):
    """There is no verdict, and that is not known to be the file's doing. The message is one sentence."""


class Watch:
    """Watches one examiner, which writes its answer into `folder`. `file` is the name of the file that it examines."""

    def __init__(self, process: Subprocess, folder: Path, file: str, *, time_limit_s: float) -> None:
        self._process = process
        self._folder = folder
        self._file = file
        self._time_limit_s = time_limit_s
        self._beat: tuple[bool, int] | None = None  # whether the file is being loaded, and when it was beaten last
        self._began_at = self._looked_at = time.monotonic()
        self._cpu_s = self._cpu_at_beat_s = 0.0

    def look(self) -> None:
        """To be called again and again while the process runs. Raises Died or NotEnded if it is to be ended.

        1. A beat, or the end of loading, begins everything anew.
        2. Too much processor time since the last beat: the file runs for ever.
        3. Too much time since then: not known why.
        """
        now = time.monotonic()
        beat = self._read_beat()
        if now - self._looked_at > LOOK_AT_CPU_EVERY_S:
            self._looked_at, self._cpu_s = now, self._measure_cpu_s()
        if beat != self._beat:
            self._beat, self._began_at, self._cpu_at_beat_s = beat, now, self._cpu_s
        is_loading, _time = beat
        used_s = self._cpu_s - self._cpu_at_beat_s
        if used_s > (MAX_LOADING_CPU_S if is_loading else MAX_CPU_S):
            raise Died(f"It runs for ever{self._where(is_loading)}: {used_s:.0f} s of processor time led nowhere.")
        limit_s = min(LOADING_LIMIT_S, self._time_limit_s) if is_loading else self._time_limit_s
        if now - self._began_at > limit_s:
            raise NotEnded(self._say_not_ended(is_loading, limit_s))

    def _read_beat(self) -> tuple[bool, int]:
        with suppress(FileNotFoundError):
            return self._is_loading(), (self._folder / heartbeat.FILE).stat().st_mtime_ns
        return self._is_loading(), 0

    def _is_loading(self) -> bool:
        return (self._folder / LOADING).exists()

    def _measure_cpu_s(self) -> float:
        """The processor time of the process, and of those that it has started and that live."""
        used_s = 0.0
        for process in self._process.processes():
            with suppress(psutil.Error):
                times = process.cpu_times()
                used_s += times.user + times.system
        return max(used_s, self._cpu_s)

    def _say_not_ended(self, is_loading: bool, limit_s: float) -> str:
        what = "It could not be loaded" if is_loading else "No schedule came to its end"
        place = f"What is outside of its functions{self._where(is_loading)}" if is_loading else "It"
        return (
            f"{what} within {limit_s:g} s. {place} sleeps, waits for something that never happens, or the machine is "
            "busy with other things."
        )

    def _where(self, is_loading: bool) -> str:
        """The line of the file where its loading is, as Python itself has written it down, innermost first."""
        if not is_loading:
            return ""
        with suppress(OSError):
            note = (self._folder / LOADING).read_text(encoding="utf-8", errors="replace")
            line = re.search(rf'File "(?:[^"]*[/\\])?{re.escape(self._file)}", line (\d+)', note)
            return f", in line {line[1]}" if line else ""
        return ""
