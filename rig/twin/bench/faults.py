"""The bench's faults come about: each changes a parameter or a switch of the simulated bench, and can be taken back.

Which wire is where is `wiring`'s and `rewired`'s affair; what an instrument's firmware does, `rig.twin.wire.faults`'.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

from rig.twin.bench.amplifier import AmplifierPhysics
from rig.twin.bench.chamber import ChamberPhysics
from rig.twin.bench.channel import ChannelPhysics, Disturbance
from rig.twin.bench.contactor import CoilState, ContactorPhysics, ContactState, PolePhysics
from rig.twin.bench.injector import InjectorPhysics
from rig.twin.bench.interlock import InterlockPhysics
from rig.twin.bench.mains_switch import MainsSwitchPhysics
from rig.twin.bench.series_switch import SeriesSwitchPhysics
from rig.twin.bench.supply import SupplyPhysics
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.scene.bench import Bench, Channels
from rig.twin.scene.faults import FAULTS, Fault

End = Callable[[], object]
Begin = Callable[["Parts", str, float], End]


class Parts(Protocol):
    """What of a world can break."""

    @property
    def sim(self) -> Simulation: ...

    @property
    def contactors(self) -> Mapping[str, ContactorPhysics]: ...

    @property
    def injector(self) -> InjectorPhysics: ...

    @property
    def series_switch(self) -> SeriesSwitchPhysics | None: ...

    @property
    def mains_switch(self) -> MainsSwitchPhysics | None: ...

    @property
    def amplifier(self) -> AmplifierPhysics | None: ...

    @property
    def chamber(self) -> ChamberPhysics: ...

    @property
    def interlock(self) -> InterlockPhysics: ...

    @property
    def supply(self) -> SupplyPhysics: ...

    def channel(self, part: str) -> tuple[ChannelPhysics, Probe]: ...

    def given(self, part: str) -> float: ...


def begin(parts: Parts, fault: Fault) -> End:
    """The fault is there from now on; what is returned ends it."""
    kind = FAULTS[fault.fault]
    return _BEGIN[fault.fault](parts, fault.part, fault.size if fault.size is not None else kind.default or 0.0)


def rewired(bench: Bench) -> tuple[Channels, dict[str, int]]:
    """What is plugged into each input, and each contactor's pilot channel, with the scene's exchanges done."""
    inputs = {
        f"{instrument}.{channel}": name
        for instrument, wired in (
            ("scope", bench.channels.scope),
            ("daq", bench.channels.daq),
            ("meter", bench.channels.meter),
        )
        for channel, name in wired.items()
    }
    pilots = {name: model.pilot for name, model in bench.contactors.items()}
    for fault in bench.faults:
        match fault.fault, fault.part, fault.other:
            case "transducers_swapped", one, str(two):
                inputs = {channel: {one: two, two: one}.get(name, name) for channel, name in inputs.items()}
            case "channels_swapped", one, str(two):
                inputs[one], inputs[two] = inputs[two], inputs[one]
            case "coils_swapped", one, str(two):
                pilots[one], pilots[two] = pilots[two], pilots[one]
    scope = {channel: inputs[f"scope.{channel}"] for channel in bench.channels.scope}
    daq = {channel: inputs[f"daq.{channel}"] for channel in bench.channels.daq}
    meter = {channel: inputs[f"meter.{channel}"] for channel in bench.channels.meter}
    return Channels(scope=scope, daq=daq, meter=meter), pilots


def _poles(parts: Parts, part: str) -> Iterator[PolePhysics]:
    """All poles of a contactor, or the one named after the dot."""
    name, _, pole = part.partition(".")
    element = {"plus": name, "return": f"{name}_return"}.get(pole)
    contactor = parts.contactors[name]
    yield from (each for each in (*contactor.poles, *contactor.break_poles) if element in (None, each.name))


def _set(thing: object, attribute: str, value: object) -> End:
    before = getattr(thing, attribute)
    setattr(thing, attribute, value)
    return lambda: setattr(thing, attribute, before)


def _contact(state: ContactState, parts: Parts, part: str, _: float) -> End:
    poles = list(_poles(parts, part))

    def all_are(state: ContactState | None) -> None:
        for pole in poles:
            pole.state = state
            pole.apply()
        if part in parts.contactors:
            parts.contactors[part].jammed = state == "stuck_open"

    all_are(state)
    return partial(all_are, None)


def _ohms(key: str, every_pole: bool, parts: Parts, part: str, ohms: float) -> End:
    poles = list(_poles(parts, part)) if every_pole else [parts.contactors[part].poles[0]]

    def add(ohms: float) -> None:
        for pole in poles:
            pole.add_ohms(key, ohms)

    add(ohms)
    return partial(add, 0.0)


def _wear(parts: Parts, part: str, ohms: float) -> End:
    return _set(parts.contactors[part], "wear", ohms)


def _later(what: str, parts: Parts, part: str, seconds: float) -> End:
    times = parts.contactors[part].later
    times[what] = seconds
    return lambda: times.update({what: 0.0})


def _auxiliary(state: str, parts: Parts, part: str, _: float) -> End:
    return _set(parts.contactors[part], "auxiliary", state)


def _coil(state: CoilState, parts: Parts, part: str, _: float) -> End:
    contactor = parts.contactors[part]

    def wired(state: CoilState | None) -> None:
        contactor.coil = state
        contactor.refresh()

    wired(state)
    return partial(wired, None)


def _tap(parts: Parts, part: str, ohms: float) -> End:
    pole = parts.contactors[part].poles[0]
    return partial(pole.set_ohms, pole.set_ohms(ohms))


def _broken(parts: Parts, part: str, _: float) -> End:
    pole = parts.contactors[part].poles[0]

    def wire(broken: bool) -> None:
        pole.broken = broken
        pole.apply()

    wire(True)
    return partial(wire, False)


def _stuck(conducts: bool, parts: Parts, _: str, __: float) -> End:
    parts.injector.stick(conducts)
    return partial(parts.injector.stick, None)


def _injector_later(closing: bool, parts: Parts, _: str, seconds: float) -> End:
    times = parts.injector.later
    times[closing] = seconds
    return lambda: times.update({closing: 0.0})


def _leak(parts: Parts, _: str, ohms: float) -> End:
    parts.injector.leak(ohms)
    return partial(parts.injector.leak, None)


def _series(conducts: bool, parts: Parts, _: str, __: float) -> End:
    if parts.series_switch is None:  # a bench file without one: there is nothing to break
        return lambda: None
    parts.series_switch.stick(conducts)
    return partial(parts.series_switch.stick, None)


def _series_one_shot(parts: Parts, _: str, __: float) -> End:
    return (lambda: None) if parts.series_switch is None else _set(parts.series_switch.one_shot, "dead", True)


def _mains(parts: Parts, _: str, __: float) -> End:
    return (lambda: None) if parts.mains_switch is None else _set(parts.mains_switch, "stuck", True)


def _chamber(parts: Parts, _: str, __: float) -> End:
    parts.chamber.kill(dead=True)
    return lambda: parts.chamber.kill(dead=False)


def _amplifier(parts: Parts, _: str, __: float) -> End:
    return (lambda: None) if parts.amplifier is None else _set(parts.amplifier, "stuck", True)


def _gate(parts: Parts, _: str, __: float) -> End:
    parts.injector.break_gate(True)
    return partial(parts.injector.break_gate, False)


def _chain(parts: Parts, _: str, __: float) -> End:
    parts.interlock.set(False)
    return partial(parts.interlock.set, True)


def _channel(key: str, make: Callable[[float], Disturbance], parts: Parts, part: str, size: float) -> End:
    channel, _ = parts.channel(part)
    channel.disturb(key, make(size))
    return partial(channel.disturb, key, None)


def _frozen(parts: Parts, part: str, _: float) -> End:
    channel = parts.channel(part)[0]
    return _channel("signal", lambda _: Disturbance(0.0, channel.value(parts.given(part))), parts, part, 0.0)


_BEGIN: dict[str, Begin] = {
    "stuck_open": partial(_contact, "stuck_open"),
    "welded": partial(_contact, "welded"),
    "welds": partial(_contact, "welds"),
    "contact_resistance": partial(_ohms, "contact", True),
    "cable_resistance": partial(_ohms, "cable", False),
    "contact_wear": _wear,
    "slow_operate": partial(_later, "operate"),
    "slow_release": partial(_later, "release"),
    "long_bounce": partial(_later, "bounce"),
    **{f"aux_{state}": partial(_auxiliary, state) for state in ("stuck_open", "stuck_closed", "inverted")},
    "coil_dead": partial(_coil, "dead"),
    "coil_inverted": partial(_coil, "inverted"),
    "tap_value": _tap,
    "broken": _broken,
    "injector_stuck_open": partial(_stuck, False),
    "injector_stuck_closed": partial(_stuck, True),
    "injector_closes_late": partial(_injector_later, True),
    "injector_opens_late": partial(_injector_later, False),
    "injector_leaks": _leak,
    "gate_dead": _gate,
    "probe_factor": partial(_channel, "signal", lambda factor: Disturbance(1.0 / factor)),
    "channel_open": partial(_channel, "signal", lambda _: Disturbance(0.0)),
    "channel_inverted": partial(_channel, "signal", lambda _: Disturbance(-1.0)),
    "channel_frozen": _frozen,
    "drift_gain": partial(_channel, "gain", lambda fraction: Disturbance(1.0 + fraction)),
    "drift_offset": partial(_channel, "offset", lambda volts: Disturbance(1.0, volts)),
    "channel_noise": partial(_channel, "noise", lambda volts: Disturbance(rms=volts)),
    "one_shot_dead": lambda parts, _, __: _set(parts.injector.one_shot, "dead", True),
    "series_stuck_closed": partial(_series, True),
    "series_stuck_open": partial(_series, False),
    "series_one_shot_dead": _series_one_shot,
    "mains_stuck_closed": _mains,
    "amplifier_bypassed": _amplifier,
    "chamber_dead": _chamber,
    "interlock_open": _chain,
    "ovp_dead": lambda parts, _, __: _set(parts.supply, "ovp_dead", True),
}
BENCH_FAULTS = frozenset(_BEGIN)
