"""The scenes, in the order in which they are offered. To add one, add an entry: a test finds its shortest schedule."""

from dataclasses import dataclass

from accounts.errors import BankError
from accounts.explorer.plan import SEPARATE, SHARED, Plan, make_plan
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
        name="an-update-is-lost",
        title="An update is lost",
        goal=goals.LOST_UPDATE,
        transfer_with="no_lock",
        audit_with="no_lock",
        transfers="1>2:30,1>2:20",
        audits=0,
        names_strategies=False,
        shortest="t1 t1 t2 t2 t1 t1 t1 t2 t2 t2",
        learnt="Both transfers read the same balance. The second one overwrites the first, and a transaction does not "
        "keep it from that.",
    ),
    Scene(
        name="money-is-gone",
        title="Money is gone",
        goal=goals.LOST_MONEY,
        transfer_with="no_lock",
        audit_with="no_lock",
        transfers="1>2:30,2>3:20",
        audits=0,
        names_strategies=False,
        shortest="t1 t1 t2 t2 t1 t1 t1 t2 t2 t2",
        learnt="On the account that both write, one of the two amounts is lost. Which one decides whether the bank "
        "loses or makes money.",
    ),
    Scene(
        name="make-it-wait",
        title="Make it wait",
        goal=goals.WAIT,
        transfer_with="row_lock",
        audit_with="row_lock",
        names_strategies=False,
        shortest="t (a)",
        learnt="select_for_update() keeps the rows until COMMIT. Another session that asks for one of them waits.",
    ),
    Scene(
        name="all-join-in",
        title="All join in",
        goal=goals.TORN,
        transfer_with="row_lock",
        audit_with="row_lock",
        names_strategies=False,
        learnt="If the audit locks all rows too, it reads all accounts before a transfer or all after it.",
    ),
    Scene(
        name="a-reader-does-not-join",
        title="A reader does not join",
        goal=goals.TORN,
        transfer_with="row_lock",
        audit_with="no_lock",
        shortest="a t t t t a a",
        learnt="A lock stops only those who ask for it. A plain SELECT does not ask.",
    ),
    Scene(
        name="right-by-luck",
        title="Right by luck",
        goal=goals.TORN_BY_LUCK,
        transfer_with="row_lock",
        audit_with="no_lock",
        transfers="1>2:30,2>1:30",
        shortest="a t1 t1 t1 t1 t2 t2 t2 t2 a a",
        learnt="Two half-seen transfers can cancel out. A right total does not prove that an audit is right.",
    ),
    Scene(
        name="one-select",
        title="One SELECT",
        goal=goals.TORN,
        transfer_with="row_lock",
        audit_with="single_statement",
        learnt="One SELECT reads from one snapshot: it sees each transfer on both accounts or on neither.",
    ),
    Scene(
        name="two-commits",
        title="Two commits",
        goal=goals.TORN,
        transfer_with="no_transaction",
        audit_with="single_statement",
        shortest="t t t a t",
        learnt="Without a transaction, the transfer is committed in two halves. No reader can repair that.",
    ),
    Scene(
        name="one-process-one-lock",
        title="One process, one lock",
        goal=goals.TORN,
        transfer_with="python_lock",
        audit_with="python_lock",
        learnt="In one process, all threads share one Python lock: one operation runs at a time.",
    ),
    Scene(
        name="a-lock-for-each-process",
        title="A lock for each process",
        goal=goals.TORN,
        transfer_with="python_lock",
        audit_with="python_lock",
        processes=SEPARATE,
        shortest="a a t t t t t t a a",
        learnt="Each process has a Python lock of its own, so each session gets its lock at once. It protects nothing.",
    ),
    Scene(
        name="deadlock",
        title="Deadlock",
        goal=goals.DEADLOCKED,
        transfer_with="unordered_row_lock",
        audit_with="no_lock",
        transfers="1>2:30,2>1:5",
        audits=0,
        shortest="t1 t2 (t1) t2",
        learnt="Each transfer holds the row that the other one wants. PostgreSQL refuses one of them (40P01).",
    ),
    Scene(
        name="in-one-order",
        title="In one order",
        goal=goals.DEADLOCKED,
        transfer_with="row_lock",
        audit_with="no_lock",
        transfers="1>2:30,2>1:5",
        audits=0,
        learnt="If all lock their rows in the same order, one waits for the other, and never both.",
    ),
    Scene(
        name="the-database-refuses",
        title="The database refuses",
        goal=goals.REFUSED,
        transfer_with="serializable",
        audit_with="no_lock",
        transfers="1>2:30,1>2:20",
        audits=0,
        shortest="t2 t2 t1 t1 t1 t1 t1 t2",
        learnt="At SERIALIZABLE, PostgreSQL refuses a transaction whose readings are out of date (40001). The "
        "program must begin it again.",
    ),
    Scene(
        name="lost-again",
        title="Lost again?",
        goal=goals.LOST_UPDATE,
        transfer_with="serializable",
        audit_with="no_lock",
        transfers="1>2:30,1>2:20",
        audits=0,
        learnt="A transfer that was refused reads again before it writes. So no update is lost.",
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
