"""What people call a worker: one word for the picture of the lanes and for that of the waits."""

from typing import NamedTuple

AUDITS = "audits"  # the thread that takes a job's audits, beside those that do its transfers


class Worker(NamedTuple):
    """Who did something: a process, or one thread of it."""

    host: str
    process: str
    thread: str

    @classmethod
    def of(cls, name: str) -> "Worker":
        """From what is kept with an operation ("host:23152", "host:23152:thread_0"); a host may be missing."""
        words = name.split(":", 2)
        if len(words) == 1 or (words[0].isdigit() and not words[1].isdigit()):
            words = ["", *words]
        host, process, thread = [*words, ""][:3]
        return cls(host, process, thread)

    def label(self, *, with_host: bool = False, is_auditor: bool = False) -> str:
        """For people: "worker 23152", "worker 23152, thread 0", "worker 23152 on host, audits"."""
        place = f" on {self.host}" if with_host and self.host else ""
        thread = AUDITS if is_auditor else self.thread.replace("_", " ")
        return f"worker {self.process}{place}{f', {thread}' if thread else ''}"
