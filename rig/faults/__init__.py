"""Stimuli as data, and what they could do before anything is switched."""

from rig.faults.feed import ON_ITS_OWN, Feed, fed_at_port, feed, route
from rig.faults.metering import Metering, metering
from rig.faults.prospective import Prospective, prospective, relay_operations
from rig.faults.stimuli import (
    GIVES,
    Base,
    Draw,
    Dump,
    Fault,
    Interruption,
    Level,
    Metered,
    Motor,
    Overload,
    Ramp,
    Reverse,
    Short,
    Start,
    Steps,
)
from rig.faults.taps import NoTap, choose_tap, fitting_base

__all__ = [
    "GIVES",
    "ON_ITS_OWN",
    "Base",
    "Draw",
    "Dump",
    "Fault",
    "Feed",
    "Interruption",
    "Level",
    "Metered",
    "Metering",
    "Motor",
    "NoTap",
    "Overload",
    "Prospective",
    "Ramp",
    "Reverse",
    "Short",
    "Start",
    "Steps",
    "choose_tap",
    "fed_at_port",
    "feed",
    "fitting_base",
    "metering",
    "prospective",
    "relay_operations",
    "route",
]
