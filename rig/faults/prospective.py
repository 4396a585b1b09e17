"""What a fault could do if nothing protected: currents and energies from declared data, before anything is switched."""

import math
from dataclasses import dataclass, replace

from rig.faults import discharge
from rig.faults.carry import Carry
from rig.faults.day import Day
from rig.faults.feed import HIGHEST_V, feed, route
from rig.faults.grounds import SecondReturn
from rig.faults.other_source import BackFeed, Charge
from rig.faults.refusals import REVERSED, carry_refusals, ground_refusals, rating_refusals, reverse_refusals
from rig.faults.stimuli import (
    Base,
    Draw,
    Fault,
    Level,
    Metered,
    Motor,
    Overload,
    Ramp,
    Reverse,
    Ripple,
    Short,
    Start,
    Steps,
)
from rig.faults.taps import choose_tap, path_resistance, port_current, shunt_resistance
from rig.files.bench import Bench
from rig.files.bench_checks import SECOND_RETURN
from rig.files.device import Device, Port
from rig.files.quantity import format_quantity


@dataclass(frozen=True, slots=True)
class Prospective:
    """A fault that nothing clears, from the declared voltage, capacitance, impedances and current limit.

    Attributes:
        peak_current: highest current of the port, A: the capacitor's discharge plus what the source drives.
        steady_current: current of the port for the rest of the hold, A: limited by the source or its resistance.
        time_constant: s; slowest decay of the discharge for a short, L/R for an overload, C V / I for a reversal.
        stored_energy: energy of the port's output capacitance, J.
        energy: heat in injector and tap during the hold, J; for a reversal, the supply's energy.
        i2t: integral of the port's squared current over the hold, A²s.
        tap: contactor of the injector's tap; None where the injector stays open.
        loop_resistance: resistance that limits the peak, ohm.
        path: the way of the current, for people.
        refusals: why this bench must not make this fault; empty when it may. Judged at the top of the voltage band.
        feed: what feeds the device is to stand at in a `Level` or `Carry`, or to sink to in a `Ramp`, V; None for other
            faults.
        nominal: what it is fed with after that, V; None for other faults.
    """

    peak_current: float
    steady_current: float
    time_constant: float
    stored_energy: float
    energy: float
    i2t: float
    tap: str | None
    loop_resistance: float
    path: str
    refusals: tuple[str, ...]
    feed: float | None = None
    nominal: float | None = None


def prospective(fault: Fault, base: Base, hold_s: float, port: Port, bench: Bench, device: Device) -> Prospective:
    """What `fault`, on for `hold_s` seconds after the base load, could do.

    Raises NoTap when the bench cannot make it, ValueError when the hold is no time.
    """
    if not 0 < hold_s < math.inf:
        raise ValueError(f"the hold of {fault.label} must be a time above 0 s, found {hold_s!r}")
    setting = _Setting(port, bench, device, hold_s)
    if isinstance(fault, Reverse):
        return _reverse(fault, setting)
    if isinstance(fault, Overload):
        return _overload(fault, base, choose_tap(fault, base, port, bench), setting)
    ohms = getattr(fault, "resistance", None)
    if isinstance(fault, Short | Start) and ohms is not None:
        return _short(fault, choose_tap(Short(f"{ohms!r} ohm"), base, port, bench), setting)
    expected = _fed(fault, setting) if port.role == "sink" else _load(fault, base, setting)
    own = feed(device)
    if isinstance(fault, SecondReturn):
        path = f"{expected.path}; up to {format_quantity(fault.current, 'A')} through {SECOND_RETURN}"
        return replace(expected, path=path, refusals=(*expected.refusals, *ground_refusals(fault, bench)))
    if not isinstance(fault, Level | Ramp | Carry) or own is None:
        return expected
    volts = fault.voltage if isinstance(fault, Ramp) else own.volts(fault)
    beyond = [f"{fault.label} is more than the {HIGHEST_V:g} V that a supply of the rig may be set to"]
    refusals = (*expected.refusals, *(beyond if volts > HIGHEST_V else []))
    return replace(expected, feed=volts, nominal=own.volts_after(fault), refusals=refusals)


def relay_operations(bench: Bench, route: str, tap: str | None) -> int:
    """Contactor operations of one case: each contactor of the route, and the tap, closes once and opens once.

    None of a route that the bench does not have: the case is not carried out.
    """
    return 2 * (len(bench.routes.get(route, ())) + (tap is not None))


@dataclass(frozen=True, slots=True)
class _Setting:
    port: Port
    bench: Bench
    device: Device
    hold: float

    def loop(self, tap: str) -> float:
        """Resistance of the capacitor's discharge: its ESR, the port's shunt, injector and tap, ohm."""
        return self.port.output_esr + shunt_resistance(self.bench, "port_current") + path_resistance(self.bench, tap)

    def stored(self, voltage: float) -> float:
        """Energy of the port's capacitor, J."""
        return self.port.output_capacitance * voltage**2 / 2

    def i2t(self, tap: str, steady: float) -> float:
        """I²t of a source that drives `steady` and of the capacitor: I² t + E / R + the cross term 2 I Q, A²s."""
        charge = self.port.output_capacitance * self.port.voltage
        return steady**2 * self.hold + self.stored(self.port.voltage) / self.loop(tap) + 2 * steady * charge


def _short(fault: Short | Start, tap: str, setting: _Setting) -> Prospective:
    port, injector, loop = setting.port, setting.bench.injector, setting.loop(tap)
    pulse, _ = discharge.peak(port.voltage, loop, injector.inductance, port.output_capacitance)
    # The short takes the base load's voltage away, so all of the port's current flows in the injector.
    steady = min(port.voltage / (port.gives[0] + loop - port.output_esr), port.gives[1])
    i2t = setting.i2t(tap, steady)
    energy = path_resistance(setting.bench, tap) * i2t
    return Prospective(
        peak_current=pulse + steady,
        steady_current=steady,
        time_constant=discharge.slowest_time(loop, injector.inductance, port.output_capacitance),
        stored_energy=setting.stored(port.voltage),
        energy=energy,
        i2t=i2t,
        tap=tap,
        loop_resistance=loop,
        path=f"port of {setting.device.name} - injector - {tap}",
        refusals=(
            *rating_refusals(fault.label, pulse + steady, energy, i2t, port, injector),
            *carry_refusals(fault.label, (tap,), steady, setting.bench),
        ),
    )


def _overload(fault: Overload, base: Base, tap: str, setting: _Setting) -> Prospective:
    port, injector, path = setting.port, setting.bench.injector, path_resistance(setting.bench, tap)
    total = port_current(setting.bench, base, port, tap)
    load = base.resistance(port.voltage, port.rated_current)
    branch = total if math.isinf(load) else total * load / (load + path)
    steady = min(total, port.gives[1])
    # A source in its limit lets the voltage fall, and the capacitor fills up the rest for a while. What flows never
    # exceeds what would flow without the limit.
    limited = setting.i2t(tap, steady)
    energy = path * min(branch**2 * setting.hold, limited)
    return Prospective(
        peak_current=total,
        steady_current=steady,
        time_constant=injector.inductance / setting.loop(tap),
        stored_energy=setting.stored(port.voltage),
        energy=energy,
        i2t=min(total**2 * setting.hold, limited),
        tap=tap,
        loop_resistance=setting.loop(tap),
        path=f"port of {setting.device.name} - injector - {tap}",
        refusals=(
            *rating_refusals(fault.label, branch, energy, energy / path, port, injector),
            *carry_refusals(fault.label, (tap,), branch, setting.bench),
        ),
    )


def _load(fault: Fault, base: Base, setting: _Setting) -> Prospective:
    """What the load, or another source, makes flow at the port: no more than the port is rated for."""
    port, bench = setting.port, setting.bench
    shares = fault.loads if isinstance(fault, Steps) else (base.load,)
    if isinstance(fault, Motor):
        shares = (fault.peak,)
    if isinstance(fault, Metered):
        shares = (fault.load or 0.0,)
    if isinstance(fault, BackFeed | Carry):
        shares = (1.0,)
    if isinstance(fault, Charge) and port.charging is not None:
        shares = tuple(load * port.charging.current / port.rated_current for load in fault.loads)
    if isinstance(fault, Draw | Day):
        shares = ((fault.peak if isinstance(fault, Day) else fault.power) / (port.voltage * port.rated_current),)
    amps, closed = max(shares) * port.rated_current, bench.routes.get(route(fault, setting.device), ())
    return Prospective(
        peak_current=amps,
        steady_current=amps,
        time_constant=0.0,
        stored_energy=setting.stored(port.voltage),
        energy=port.voltage * amps * setting.hold * len(shares),
        i2t=amps**2 * setting.hold * len(shares),
        tap=None,
        loop_resistance=port.voltage / amps if amps else math.inf,
        path=f"port of {setting.device.name} - {' - '.join(closed)} - load",
        refusals=tuple(carry_refusals(fault.label, closed, amps, bench)),
    )


def _fed(fault: Fault, setting: _Setting) -> Prospective:
    """What the bench's supply, standing for a line of the grid, could drive into a port that only takes current."""
    port, bench, own = setting.port, setting.bench, feed(setting.device)
    assert own is not None, "a port that only takes current is fed"
    closed = bench.routes.get(own.route, ())
    volts = max(own.nominal, own.volts(fault)) if isinstance(fault, Level | Carry) else own.nominal
    seconds = 2 * setting.hold if isinstance(fault, Ramp) else setting.hold
    if isinstance(fault, Ripple):
        seconds = sum(fault.seconds(setting.hold))
    return Prospective(
        peak_current=own.current,
        steady_current=port.rated_current,
        time_constant=port.output_capacitance * port.output_esr,
        stored_energy=setting.stored(volts),
        energy=volts * port.rated_current * seconds,
        i2t=port.rated_current**2 * seconds,
        tap=None,
        loop_resistance=port.output_esr + shunt_resistance(bench, "port_current"),
        path=f"supply - {' - '.join(closed) or 'no route'} - port of {setting.device.name}",
        refusals=tuple(carry_refusals(fault.label, closed, own.current, bench)),
    )


def _reverse(fault: Reverse, setting: _Setting) -> Prospective:
    port, bench = setting.port, setting.bench
    closed = bench.routes.get(REVERSED, ())
    cable = sum(bench.cables[name].resistance for name in closed if name in bench.cables)
    return Prospective(
        peak_current=fault.current,
        steady_current=fault.current,
        time_constant=port.output_capacitance * fault.voltage / fault.current,
        stored_energy=setting.stored(fault.voltage),
        energy=fault.voltage * fault.current * setting.hold,
        i2t=fault.current**2 * setting.hold,
        tap=None,
        loop_resistance=cable + shunt_resistance(bench, "port_current") + port.output_esr,
        path=f"supply reversed - {' - '.join(closed) or 'no route'} - port of {setting.device.name}",
        refusals=(
            *reverse_refusals(fault, closed, bench),
            *carry_refusals(fault.label, closed, fault.current, bench),
        ),
    )
