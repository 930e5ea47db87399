"""The tables of the bank, and the rules that always hold, as constraints."""

from accounts.models.audit import Audit
from accounts.models.bank import Account, Bank
from accounts.models.delete_bank import erase_bank
from accounts.models.exploration import SavedExploration
from accounts.models.isolation_matrix import IsolationMatrix
from accounts.models.lab_record import LabRecord
from accounts.models.scene_record import SceneRecord
from accounts.models.storm import Storm
from accounts.models.storm_report import Report
from accounts.models.transfer import AlreadyEnded, Transfer
from accounts.models.vote import Vote

__all__ = [
    "Account",
    "AlreadyEnded",
    "Audit",
    "Bank",
    "IsolationMatrix",
    "LabRecord",
    "Report",
    "SavedExploration",
    "SceneRecord",
    "Storm",
    "Transfer",
    "Vote",
    "erase_bank",
]
