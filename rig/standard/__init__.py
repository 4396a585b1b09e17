"""What the standard asks for, and the numbers to judge by with their provenance."""

from rig.standard.clauses import Clause, Clauses, load_clauses, read_clauses
from rig.standard.coverage import Covered, Evidence, covered
from rig.standard.limits import CurvePoint, Limit, NoLimit, SeveralLimits, find_limit

__all__ = [
    "Clause",
    "Clauses",
    "Covered",
    "CurvePoint",
    "Evidence",
    "Limit",
    "NoLimit",
    "SeveralLimits",
    "covered",
    "find_limit",
    "load_clauses",
    "read_clauses",
]  # fmt: skip
