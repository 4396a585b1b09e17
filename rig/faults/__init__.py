"""Stimuli as data, and what they could do before anything is switched."""

from rig.faults.prospective import Prospective, prospective, relay_operations
from rig.faults.stimuli import Base, Fault, Overload, Reverse, Short
from rig.faults.taps import NoTap, choose_tap

__all__ = [
    "Base",
    "Fault",
    "NoTap",
    "Overload",
    "Prospective",
    "Reverse",
    "Short",
    "choose_tap",
    "prospective",
    "relay_operations",
]
