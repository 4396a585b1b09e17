"""The only room that joins the others; what a plan imports."""

from rig.run.case import Case, Window, case, cases
from rig.run.judge import Judge
from rig.run.shot import Shot

__all__ = ["Case", "Judge", "Shot", "Window", "case", "cases"]
