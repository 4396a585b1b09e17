"""Defects that no test plan was written against: they tell what a plan does with a defect that nobody had in mind.

A scene names them like any other, but they are not in `table.DEFECTS`, from which the plans were developed. Clause,
limit, devices and reason were written before any plan was run on them. Once a plan is changed because of one, it is
unseen no longer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rig.twin.scene.converters import Converter, Storage
from rig.twin.scene.defects.change import each_part, each_port, put
from rig.twin.scene.defects.defect import COUNT, Defect, DoesNotApply
from rig.twin.scene.defects.limits import Limit
from rig.twin.scene.defects.loads import SINKS
from rig.twin.scene.device import Device
from rig.twin.scene.loads import LoadStage, Stages
from rig.twin.scene.parts import Mains
from rig.twin.scene.ports import Cause, Polarity, Port
from rig.twin.scene.protection import Guard

REVERSAL_VOLTS = 54.0
BLOCKS_VOLTS, AVALANCHE_OHMS = 200.0, 0.5  # far beyond what a reversed port sees
SWELL_VOLTS, SWELL_SECONDS = 56.0, 1e-3
PAUSES = 60  # after the longest pause has been reached: an hour of a minute each
OVERLOADS: tuple[Cause, ...] = ("stage", "i2t", "curve", "thermal")

_RETURN = "by itself; time t.b.d. in the standard"
_SELV = "Requirement text: always < 60 V"


@dataclass(frozen=True, slots=True)
class KeptAside:
    """`devices`: the device files that it is meant for. `why`: for what reason the clause should fail."""

    defect: Defect
    devices: tuple[str, ...]
    why: str


def _adds_up_peaks(device: Device, count: float) -> Device:
    def edit(port: Port) -> Port | None:
        stages = port.protection.stages
        kept = [put(stage, "resets", False) for stage in stages[: int(count)]]
        return put(port, "protection.stages", kept + stages[int(count) :]) if stages else None

    return each_port(device, "a port with overload stages", edit)


def _bare_terminals(device: Device, factor: float) -> Device:
    return each_port(device, "a port", lambda port: put(port, "capacitance", port.capacitance * factor))


def _slow_after_overload(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        if port.recovery.policy != "auto" or not port.protection.stages:
            return None
        slow = put(port.recovery, "delay", seconds)
        return put(port, "recovery_after", {**port.recovery_after, **dict.fromkeys(OVERLOADS, slow)})

    return each_port(device, "a port with overload stages that recovers by itself", edit)


def _growing_pauses(device: Device, longest: float) -> Device:
    def edit(port: Port) -> Port | None:
        pause = port.recovery.delay
        if port.recovery.policy != "auto" or not 0 < pause < longest:
            return None
        pauses = []
        while pause < longest:
            pauses.append(pause)
            pause *= 2.0
        change = {"policy": "auto-n", "delays": pauses + [longest] * PAUSES, "forget": longest + 1.0}
        return put(port, "recovery", port.recovery.model_copy(update=change))

    return each_port(device, f"a port that recovers by itself within {longest:g} s", edit)


def _high_restart(device: Device, volts: float) -> Device:
    if volts <= device.control.start:
        raise DoesNotApply(
            f"needs a control that starts below {volts:g} V; this one does at {device.control.start:g} V"
        )
    return put(device, "control.start", volts)


def _stuck_after_swell(device: Device, volts: float) -> Device:
    if device.kind not in SINKS:
        raise DoesNotApply(f"needs a device that draws from its port ({', '.join(SINKS)}); this is a {device.kind}")
    if volts >= SWELL_VOLTS:
        raise DoesNotApply(f"needs a magnitude below {SWELL_VOLTS:g} V, above which the guard opens")
    guard = Guard.model_construct(off=SWELL_VOLTS, on=volts, debounce=SWELL_SECONDS, delay=0.0, where="outside")

    def edit(port: Port) -> Port | None:
        return None if port.guards.over else put(port, "guards.over", guard)

    return each_port(device, "a port without an overvoltage guard", edit)


def _dried_out(device: Device, factor: float) -> Device:
    def edit(part: Converter) -> Converter | None:
        return put(part, "esr", part.esr * factor) if part.loop else None

    return each_part(device, "a converter with a voltage loop", Converter, edit)


def _one_way_leak(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port:
        sound = port.polarity or Polarity.model_construct(
            breakdown=BLOCKS_VOLTS, resistance=AVALANCHE_OHMS, leakage=None, survives=True
        )
        return put(port, "polarity", put(sound, "leakage", REVERSAL_VOLTS / amps))

    return each_port(device, "a port", edit)


def _zeroed(device: Device, count: float) -> Device:
    metered = [name for name, port in device.ports.items() if port.meter][: int(count)]
    if not metered:
        raise DoesNotApply("needs a port with a meter; the device has none")
    zeroed = {name: put(device.ports[name], "meter.on_power_cut", "clear") for name in metered}
    return device.model_copy(update={"ports": {**device.ports, **zeroed}})


def _steep_charging(device: Device, factor: float) -> Device:
    def edit(part: Storage) -> Storage:
        return put(part, "import_line.resistance", part.import_line.resistance * factor)

    return each_part(device, "a storage converter", Storage, edit)


def _long_soft_start(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "switch.soft_start", seconds) if port.switch.soft_start > 0 else None

    return each_port(device, "a port with a soft start", edit)


def _cold_resistor(device: Device, factor: float) -> Device:
    return each_part(device, "a mains input", Mains, lambda part: put(part, "resistance", part.resistance * factor))


def _feeder_trips_first(device: Device, factor: float) -> Device:
    _, *others = device.ports
    fast = {name: port.protection.fast for name in others if (port := device.ports[name]).protection.fast}
    if not fast:
        raise DoesNotApply("needs a second port with a fast trip; the device has none")
    edited = {
        name: put(device.ports[name], "protection.fast.current", trip.current * factor)
        for name, trip in fast.items()
        if trip is not None
    }
    return device.model_copy(update={"ports": {**device.ports, **edited}})


def _swapped_priorities(device: Device, count: float) -> Device:
    def loaded(stage: LoadStage, load: LoadStage) -> LoadStage:
        return put(put(stage, "resistance", load.resistance), "power", load.power)

    def edit(part: Stages) -> Stages | None:
        old = part.stages
        if len(old) < 2 * int(count):
            return None
        new = list(old)
        for at in range(int(count)):
            first, last = old[at], old[-1 - at]
            new[at], new[-1 - at] = loaded(first, last), loaded(last, first)
        return put(part, "stages", new)

    return each_part(device, f"a load in {2 * int(count)} stages or more", Stages, edit)


def _aside(
    name: str,
    line: str,
    magnitude: tuple[str, str],
    limit: Limit,
    change: Callable[[Device, float], Device],
    devices: tuple[str, ...],
    why: str,
) -> KeptAside:
    """`magnitude`: unit and default. There is no small one and no scenario: nothing was tuned on these."""
    unit, default = magnitude
    return KeptAside(Defect(name, line, unit, default, "", limit, "", change), devices, why)


KEPT_ASIDE = (
    _aside(
        "adds-up-peaks", "So many overload stages, from the lowest, go on counting where the last peak ended.",
        (COUNT, "3"),
        Limit("OC-02", "nuisance_trips", "count", "borrowed", "GOGLA Connect: not by a start of 3 x for 20 ms", high=0),
        _adds_up_peaks, ("reference", "small-battery", "grid-node"),
        "Ten starts of a motor, each far below the curve, fill the 200 ms of the highest stage: it switches off.",
    ),
    _aside(
        "bare-terminals", "What sits at the terminals, outside the switch, has this fraction of its capacitance.",
        ("1", "2 %"), Limit("SELV-01", "port_voltage_peak", "V", "standard", _SELV, high=60.0),
        _bare_terminals, ("reference", "small-battery", "poe-like"),
        "Some 100 A in 1 uH, switched off onto 100 nF, swing by some hundred volts, and back to above 60 V.",
    ),
    _aside(
        "slow-after-overload", "After an overload, not after a short, the port stays off for this long.",
        ("s", "60 s"), Limit("REC-01", "recovery_time", "s", "rig-default", _RETURN, high=10.0),
        _slow_after_overload, ("reference", "small-battery", "grid-node"),
        "An overload of 1.5 x that has gone keeps the port off for 60 s, where 10 s are the limit and 2 s declared.",
    ),
    _aside(
        "growing-pauses", "Each attempt that fails doubles the pause before the next one, up to this time.",
        ("s", "60 s"), Limit("REC-03", "recovery_time", "s", "rig-default", "as after a short fault", high=10.0),
        _growing_pauses, ("reference", "poe-like", "grid-node"),
        "After a short of a minute the pause has grown to half a minute and more: so long the port stays off.",
    ),
    _aside(
        "high-restart", "The device starts only above this voltage of what feeds it.",
        ("V", "47 V"),
        Limit("UV-01", "start_voltage", "V", "vendor", "highest declared minimum of a feed, 44 V, +0.5 V", high=44.5),
        _high_restart, ("reference", "charge-controller", "appliance"),
        "A grid that has sunk and comes back to 45 V, within what the maker declares, leaves the device off.",
    ),
    _aside(
        "stuck-after-swell", "After a grid above 56 V the device comes back only when that falls below this voltage.",
        ("V", "47 V"), Limit("OV-01", "overvoltage_return", "s", "rig-default", _RETURN, high=10.0),
        _stuck_after_swell, ("appliance", "ac-inverter"),
        "After a swell to 57 V, within the band, the grid is back at 50 to 52 V, and the device stays off for ever.",
    ),
    _aside(
        "dried-out", "The output capacitor of a converter with a real control has this many times its ESR.",
        ("1", "15000 %"), Limit("SELV-02", "port_voltage_peak", "V", "standard", _SELV, high=60.0),
        _dried_out, ("ac-adapter",),
        "4.2 A that the load no longer takes flow through 3 ohm until the control has noticed: 12 V on top of 54 V.",
    ),
    _aside(
        "one-way-leak", "A reversed port conducts this current at 54 V, the right way round nothing.",
        ("A", "8 A"), Limit("RP-01", "reverse_current", "A", "borrowed", "MIL-STD-1275E: rated current", high=5.0),
        _one_way_leak, ("reference", "appliance", "grid-node"),
        "Reversed at 54 V the port takes 8 A, where it is rated for 5 A and its maker declares 10 mA.",
    ),
    _aside(
        "zeroed-by-power-cut", "A power cut sets the energy of so many ports, from the first, back to zero.",
        (COUNT, "1"), Limit("TMP-02", "counter_decreases", "count", "rig-default", "it never goes back", high=0),
        _zeroed, ("reference", "appliance", "grid-node"),
        "After a power cut the registers stand at zero, below what they had shown before.",
    ),
    _aside(
        "steep-charging", "The line by which storage charges has this many times its droop; that of feeding is right.",
        ("1", "250 %"), Limit("DRP-01", "charging_droop_error", "1", "rig-default", "declared slope +-20 %", high=0.2),
        _steep_charging, ("charge-controller",),
        "The slope of charging is 1 ohm where 400 mohm are declared: 150 % too much, 20 % are the limit.",
    ),
    _aside(
        "long-soft-start", "The port takes this long to close its switch, from 100 ohm downwards.",
        ("s", "30 s"), Limit("PNP-01", "start_time", "s", "rig-default", "hot-plug: FS1 within 5 s", high=5.0),
        _long_soft_start, ("reference", "small-battery", "ac-adapter"),
        "A light load has its voltage at once; a full one waits for some 13 s, until 2 ohm are left.",
    ),
    _aside(
        "cold-mains-resistor", "What limits the inrush from the mains keeps this many times its resistance.",
        ("1", "6000 %"), Limit("OC-01", "nuisance_trips", "count", "vendor", "carries its rated current", high=0),
        _cold_resistor, ("ac-adapter",),
        "At the rated 4.2 A the link falls by 230 V, to below where the control dies: the adapter pumps.",
    ),
    _aside(
        "feeder-trips-first", "The other ports trip fast at this fraction of their current, before the shorted one.",
        ("1", "28 %"), Limit("SC-08", "branch_interruption", "s", "rig-default", "other branch above 36 V", high=10e-3),
        _feeder_trips_first, ("grid-node",),
        "A short at port a takes port b, the feeder, with it: what hangs at port c is without voltage for 800 ms.",
    ),
    _aside(
        "swapped-priorities", "So many of the most important stages have changed places with the least important.",
        (COUNT, "1"), Limit("DRP-02", "important_stages_first", "count", "rig-default", "declared order", high=0),
        _swapped_priorities, ("appliance",),
        "As the grid sinks below 48 V the light goes, which should go last, and heating stays on down to 40 V.",
    ),
)  # fmt: skip
