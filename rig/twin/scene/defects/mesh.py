"""Defects of a node with several ports: its joints, and what one port does to another."""

from typing import Literal

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_part, put
from rig.twin.scene.defects.defect import Defect, DoesNotApply
from rig.twin.scene.device import Device
from rig.twin.scene.parts import Interval, Segment
from rig.twin.scene.protection import Guard

OPENS_AT, APART, TIMES = 1.0, 2.0, 1800  # s of bench time, for an hour
REOPENS_AFTER = 0.5  # s
_SEGMENT = "a line segment"


def _loose_joint(device: Device, seconds: float) -> Device:
    opened = [Interval.model_construct(at=OPENS_AT + k * APART, duration=seconds) for k in range(TIMES)]
    return each_part(device, _SEGMENT, Segment, lambda part: put(part, "opened", opened))


def _bad_joint(device: Device, ohms: float) -> Device:
    return each_part(device, _SEGMENT, Segment, lambda part: put(part, "resistance", part.resistance + ohms))


def _jumpy_neighbour(device: Device, volts: float) -> Device:
    _, *others = device.ports
    if not others:
        raise DoesNotApply("needs a second port; the device has one")
    edited = {}
    for name in others:
        # The port that feeds the node has its voltage outside, the others get theirs from inside.
        where: Literal["inside", "outside"] = "outside" if name == device.control.node else "inside"
        guard = Guard.model_construct(off=volts, on=volts + 1.0, debounce=0.0, delay=REOPENS_AFTER, where=where)
        edited[name] = put(device.ports[name], "guards.under", guard)
    return device.model_copy(update={"ports": {**device.ports, **edited}})


MESH = (
    Defect(
        "loose-joint", "Every other second every line segment opens for this time.",
        "s", "20 ms", "20 us", limits.INTERRUPTION, "segment-opens", _loose_joint,
    ),
    Defect(
        "bad-joint", "Every line segment has this much more resistance.",
        "ohm", "2 ohm", "50 mohm", limits.JOINT_DROP, "node-at-5A", _bad_joint,
    ),
    Defect(
        "jumpy-neighbour", "The other ports open at once when a fault elsewhere dips their voltage below this.",
        "V", "50 V", "20 V", limits.SELECTIVITY, "short-at-a-branch", _jumpy_neighbour,
    ),
)  # fmt: skip
