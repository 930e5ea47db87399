"""What a fault is done to, and what every kind of fault may use."""

import random
import threading
from typing import NamedTuple

from accounts.cluster.processes import Member, Role
from accounts.cluster.subprocesses import Cluster
from accounts.models import Storm


class Target(NamedTuple):
    """A storm that runs on a private cluster. `draw` makes all choices, and `over` is set when it has ended."""

    storm: Storm
    cluster: Cluster
    draw: random.Random
    over: threading.Event

    def pick(self, *roles: Role) -> Member | None:
        """One of the cluster's processes in these roles, if there is one now."""
        members = sorted(self.cluster.members(*roles), key=lambda member: member.process.pid)
        return self.draw.choice(members) if members else None
