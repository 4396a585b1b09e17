"""Stimuli as data, and what they could do before anything is switched."""

from rig.faults.prospective import Prospective, prospective, relay_operations
from rig.faults.stimuli import Base, Draw, Dump, Fault, Overload, Reverse, Short, Start, Steps
from rig.faults.taps import NoTap, choose_tap

__all__ = [
    "Base",
    "Draw",
    "Dump",
    "Fault",
    "NoTap",
    "Overload",
    "Prospective",
    "Reverse",
    "Short",
    "Start",
    "Steps",
    "choose_tap",
    "prospective",
    "relay_operations",
]
