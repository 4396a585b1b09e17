"""Whether this computer can run the rig: what was found, what it means, and the cure of what is wrong.

Imports no driver and no other room: it has to work when those cannot be imported.
"""

from rig.doctor.checks import Check, check
from rig.doctor.environment import Device, Environment, Folder
from rig.doctor.look import look

__all__ = ["Check", "Device", "Environment", "Folder", "check", "look"]
