"""What can be wrong with a bench: the closed list of its faults, and the model of one in a scene.

    bench:
      faults:
        - {fault: welded, part: load_line, at: 1.2 s}
        - {fault: drift_gain, part: scope.2, size: 5 %, at: 2 s, until: 3 s}
        - {fault: cables_swapped, part: energy_input, with: reverse_line}

A part is a contactor or one of its poles (energy_input.return), a cable, the injector, a tap, a transducer, a channel
(scope.2, daq.AIN1) or an instrument.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from rig.files.document import Entry
from rig.files.quantity import parse_any
from rig.twin.scene.values import Delay, PositiveSeconds

PartClass = Literal[
    "contactor", "pole", "tap", "cable", "injector", "interlock", "transducer", "channel", "series_switch",
    "mains_switch", "amplifier", "chamber",
    "supply", "load", "relays", "daq", "scope",
]  # fmt: skip
INSTRUMENTS: tuple[PartClass, ...] = ("supply", "load", "relays", "daq", "scope")
SCPI: tuple[PartClass, ...] = ("supply", "load", "scope")
FACTOR = "x"  # the unit of a magnitude that is written as a bare number


def _quantity(size: Any) -> float:
    return float(size) if isinstance(size, int | float) and not isinstance(size, bool) else parse_any(size)[0]


Size = Annotated[float, BeforeValidator(_quantity), WithJsonSchema({"type": ["string", "number"]})]


class Fault(Entry):
    """Something wrong with `part` from bench time `at` to `until` (for good without it); `size` in the fault's unit.

    `with` is the other part of a swap, `text` what an instrument answers instead of its own name.
    """

    fault: str
    part: str
    at: Delay = 0.0
    until: PositiveSeconds | None = None
    size: Size | None = None
    other: Annotated[str | None, Field(alias="with")] = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault. Two faults of one part that take the same `aspect` of it at the same time contradict.

    `unit` is that of the magnitude, None when there is none; a `default` of None must be written. `wired` faults are
    there from the start and for good, `once` ones have no end of their own; `pair` ones need `with`.
    """

    name: str
    does: str
    parts: tuple[PartClass, ...]
    aspect: str
    unit: str | None = None
    default: float | None = None
    wired: bool = False
    once: bool = False
    pair: bool = False
    text: bool = False


_CONTACT: tuple[PartClass, ...] = ("contactor", "pole")
_KINDS = (
    Kind("stuck_open", "never makes; a whole contactor does not move, so its auxiliary contact says so", _CONTACT,
         "contact"),
    Kind("welded", "welded shut; its auxiliary contact, a mirror contact, says closed", _CONTACT, "contact"),
    Kind("welds", "welds shut when it next opens", _CONTACT, "contact"),
    Kind("contact_resistance", "contact resistance grown by this much", _CONTACT, "contact_resistance", "ohm", 50e-3),
    Kind("contact_wear", "contact resistance grows by this much at each operation", ("contactor",), "wear", "ohm",
         5e-3),
    Kind("slow_operate", "makes later by this time", ("contactor",), "operate", "s", 0.1),
    Kind("slow_release", "opens later by this time", ("contactor",), "release", "s", 0.1),
    Kind("long_bounce", "bounces for this much longer", ("contactor",), "bounce", "s", 20e-3),
    Kind("aux_stuck_open", "auxiliary contact says open whatever the contactor does", ("contactor",), "aux"),
    Kind("aux_stuck_closed", "auxiliary contact says closed whatever the contactor does", ("contactor",), "aux"),
    Kind("aux_inverted", "auxiliary contact says the opposite", ("contactor",), "aux"),
    Kind("coil_dead", "the board's relay clicks, the contactor's coil gets nothing", ("contactor",), "coil"),
    Kind("coil_inverted", "piloted by a break contact: energised while the board's relay is off", ("contactor",),
         "coil"),
    Kind("coils_swapped", "the pilot wires of two contactors exchanged", ("contactor",), "pilot", wired=True,
         pair=True),
    Kind("tap_value", "another resistance behind the tap's contactor", ("tap",), "value", "ohm"),
    Kind("injector_stuck_open", "the transistor does not close; its gate does what it is told", ("injector",),
         "transistor"),
    Kind("injector_stuck_closed", "the transistor conducts for good", ("injector",), "transistor"),
    Kind("injector_closes_late", "the transistor closes later by this time", ("injector",), "close", "s", 1e-3),
    Kind("injector_opens_late", "the transistor opens later by this time", ("injector",), "open", "s", 1e-3),
    Kind("injector_leaks", "this resistance across the transistor", ("injector",), "leak", "ohm", 100.0),
    Kind("gate_dead", "the gate line is broken: neither gate nor transistor moves", ("injector",), "gate"),
    Kind("one_shot_dead", "its one-shot never ends a fault", ("injector",), "one_shot"),
    Kind("series_stuck_closed", "the series switch conducts for good", ("series_switch",), "transistor"),
    Kind("series_stuck_open", "the series switch never conducts", ("series_switch",), "transistor"),
    Kind("series_one_shot_dead", "the series switch stays open for as long as its control is high", ("series_switch",),
         "one_shot"),
    Kind("mains_stuck_closed", "the mains switch conducts for good", ("mains_switch",), "relay"),
    Kind("amplifier_bypassed", "the amplifier's bypass conducts for good", ("amplifier",), "relay"),
    Kind("chamber_dead", "the climate chamber neither heats nor cools", ("chamber",), "compressor"),
    Kind("interlock_open", "lid or emergency stop: no coil and no gate gets power", ("interlock",), "chain"),
    Kind("injector_inside", "connected on the device's side of the port shunt", ("injector",), "place", wired=True),
    Kind("reversed", "plus and minus exchanged at one end", ("cable",), "route", wired=True),
    Kind("cables_swapped", "the far ends of two cables exchanged", ("cable",), "route", wired=True, pair=True),
    Kind("broken", "interrupted, whatever its contactor does", ("cable",), "wire"),
    Kind("cable_resistance", "resistance grown by this much", ("cable",), "cable_resistance", "ohm", 0.1),
    Kind("transducers_swapped", "each of two transducers where the other belongs", ("transducer",), "place", wired=True,
         pair=True),
    Kind("channels_swapped", "the plugs of two inputs of one instrument exchanged", ("channel",), "plug", wired=True,
         pair=True),
    Kind("probe_factor", "probe at another factor: the input sees the signal divided by it", ("channel",), "signal",
         FACTOR, 10.0),
    Kind("channel_open", "the input sees nothing", ("channel",), "signal"),
    Kind("channel_inverted", "the input sees the opposite", ("channel",), "signal"),
    Kind("channel_frozen", "the converter repeats the value that it had when this began", ("channel",), "signal"),
    Kind("drift_gain", "gain off by this fraction", ("channel",), "gain", "1", 0.05),
    Kind("drift_offset", "offset off by this voltage at the input", ("channel",), "offset", "V", 50e-3),
    Kind("channel_noise", "electromagnetic interference: white noise of this rms voltage at the input", ("channel",),
         "noise", "V", 20e-3),
    Kind("wrong_identity", "answers *IDN? with `text`", SCPI, "identity", text=True),
    Kind("wrong_serial", "has the serial number `text`", (*SCPI, "daq"), "identity", text=True),
    Kind("dead", "loses its power: outputs off, connections cut, port refused; back with power-on settings at its end",
         INSTRUMENTS, "power"),
    Kind("reboots", "as dead, for this time", INSTRUMENTS, "power", "s", 5.0, once=True),
    Kind("mute", "hears and does nothing more; its outputs stay as they are", INSTRUMENTS, "hearing"),
    Kind("late", "each command takes this much longer, in bench time", INSTRUMENTS, "latency", "s", 0.5),
    Kind("late_by_factor", "each command takes this many times as long, in bench time", INSTRUMENTS, "latency", FACTOR,
         10.0),
    Kind("late_by_wall", "each reply is held back for this long by the wall clock", INSTRUMENTS, "reply", "s", 1.0),
    Kind("commands_ignored", "acknowledges and reads back what it is told, and does not do it",
         ("supply", "load", "relays"), "commands"),
    Kind("readings_frozen", "repeats the readings (relays: the coil states) that it had when this began",
         ("supply", "load", "relays"), "readings"),
    Kind("output_stuck_on", "says off when told so, but the power stage goes on; its OVP still works", ("supply",),
         "commands"),
    Kind("ovp_dead", "overvoltage protection does not act", ("supply",), "ovp"),
    Kind("sense_drift", "delivers this much more than set and believes itself right", ("supply",), "sense", "V", 0.5),
)  # fmt: skip
FAULTS = {kind.name: kind for kind in _KINDS}
