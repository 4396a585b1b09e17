"""What the standard asks for, and the numbers to judge by with their provenance."""

from rig.standard.clauses import Clause, Clauses, load_clauses
from rig.standard.limits import CurvePoint, Limit, NoLimit, find_limit

__all__ = ["Clause", "Clauses", "CurvePoint", "Limit", "NoLimit", "find_limit", "load_clauses"]
