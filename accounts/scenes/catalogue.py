"""The scenes, in the order in which they are offered. To add one, add an entry: a test finds its shortest schedule."""

from dataclasses import dataclass

from accounts.errors import BankError
from accounts.explorer.plan import SHARED, Plan, make_plan
from accounts.scenes import goals
from accounts.scenes.goals import Goal


@dataclass(frozen=True)
class Scene:
    """A few sessions, and what is to be reached by choosing their order."""

    name: str  #: in its address
    title: str
    goal: Goal
    transfer_with: str
    audit_with: str
    learnt: str  #: one sentence, shown when it is won
    transfers: str = "1>2:30"
    audits: int = 1
    processes: str = SHARED
    #: the shortest schedule that reaches the goal, as the explorer finds it; empty: no schedule does
    shortest: str = ""
    names_strategies: bool = True  #: whether the page says the strategies' names before it is won

    @property
    def plan(self) -> Plan:
        return make_plan(
            transfer_with=self.transfer_with,
            audit_with=self.audit_with,
            accounts=None,
            transfers=self.transfers,
            audits=self.audits,
            processes=self.processes,
        )

    @property
    def can_be_won_by_steps(self) -> bool:
        """Whether some schedule reaches the goal. Where none does, the student is to say so."""
        return bool(self.shortest)

    @property
    def par(self) -> int:
        """The steps of the shortest schedule; 0 where there is none."""
        return len(self.shortest.split())


SCENES = (
    Scene(
        name="half-a-transfer",
        title="Half a transfer",
        goal=goals.TORN,
        transfer_with="no_lock",
        audit_with="no_lock",
        shortest="a t t t t t a a",
        names_strategies=False,
        learnt="An audit that reads account by account can read one account before a transfer and the other after it.",
    ),
    Scene(
        name="one-statement",
        title="All at once",
        goal=goals.TORN,
        transfer_with="row_lock",
        audit_with="single_statement",
        names_strategies=False,
        learnt="One SELECT reads from one snapshot: it sees each transfer on both accounts or on neither.",
    ),
)


def find_scene(name: str) -> Scene:
    """The scene of this name. Raises BankError naming those that there are."""
    scene = next((scene for scene in SCENES if scene.name == name), None)
    if scene is None:
        names = ", ".join(scene.name for scene in SCENES)
        raise BankError(f"There is no scene {name!r}: choose one of {names}.")
    return scene


def after(scene: Scene) -> Scene | None:
    """The next one; None after the last."""
    place = SCENES.index(scene) + 1
    return SCENES[place] if place < len(SCENES) else None
