"""Which resistor tap of the injector makes a fault, from declared data."""

from rig.faults.stimuli import Base, Overload, Short
from rig.files.bench import Bench
from rig.files.device import Port
from rig.files.quantity import format_quantity
from rig.files.transducers import Shunt

BASE_TOLERANCE = 0.02  # beyond it the base load is moved, where the load can make it up
OVERLOAD_TOLERANCE = 0.03  # of the multiple asked for
SHORT_TOLERANCE = 0.20  # of the resistance asked for; milliohms in contactors and joints are no better known


class NoTap(ValueError):
    """The bench has no tap that makes the fault; the message lists what it can make."""


def shunt_resistance(bench: Bench, signal: str) -> float:
    """Resistance that the shunt of `signal` adds in series, ohm; 0 when the signal has none."""
    seen = bench.signals.get(signal)
    views = (seen.fast, seen.slow) if seen else ()
    found = [bench.transducers[view.transducer] for view in views if view is not None]
    return max((item.resistance for item in found if isinstance(item, Shunt)), default=0.0)


def path_resistance(bench: Bench, tap: str) -> float:
    """Resistance across the port's terminals with the injector closed: switch, tap and its shunt, ohm."""
    return bench.injector.resistance + bench.injector.taps[tap] + shunt_resistance(bench, "injector_current")


def port_current(bench: Bench, base: Base, port: Port, tap: str) -> float:
    """Current of the port with base load and `tap`, the source unlimited behind its declared resistance, A."""
    load = base.resistance(port.voltage, port.rated_current)
    parallel = 1 / (1 / load + 1 / path_resistance(bench, tap))
    return port.voltage / (port.gives[0] + shunt_resistance(bench, "port_current") + parallel)


def fitting_base(fault: Overload, base: Base, port: Port, bench: Bench) -> Base:
    """The base load with which a tap makes the overload: `base` itself, or the nearest one that does.

    An overload is what it is with its base load included; what no tap adds to this port's voltage, the load makes up.
    """
    try:
        made = port_current(bench, base, port, choose_tap(fault, base, port, bench)) / port.rated_current
    except NoTap:
        made = 0.0
    if abs(made - fault.multiple) > BASE_TOLERANCE * fault.multiple:
        able = [one for tap in bench.injector.taps if (one := _making_up(fault, port, bench, tap)) is not None]
        return min(able, key=lambda one: abs(one.load - base.load), default=base)
    return base


def _making_up(fault: Overload, port: Port, bench: Bench, tap: str) -> Base | None:
    """The base load that with `tap` draws exactly the overload; None where that would be less than none or over all."""
    total = fault.multiple * port.rated_current
    volts = port.voltage - total * (port.gives[0] + shunt_resistance(bench, "port_current"))
    rest = total - volts / path_resistance(bench, tap)
    # A base load is a resistance, told by what it draws at the port's own voltage.
    load = rest * port.voltage / (volts * port.rated_current) if volts > 0 else -1.0
    return Base(load) if 0 <= load <= 1 else None


def choose_tap(fault: Short | Overload, base: Base, port: Port, bench: Bench) -> str:
    """The tap that comes nearest to the fault. Raises NoTap when none is near enough."""
    if isinstance(fault, Short):
        made = {tap: path_resistance(bench, tap) for tap in bench.injector.taps}
        wanted, tolerance, unit = fault.resistance, SHORT_TOLERANCE, "ohm"
    else:
        made = {tap: port_current(bench, base, port, tap) / port.rated_current for tap in bench.injector.taps}
        wanted, tolerance, unit = fault.multiple, OVERLOAD_TOLERANCE, "x"
    best = min(made, key=lambda tap: abs(made[tap] - wanted), default=None)
    if best is None or abs(made[best] - wanted) > tolerance * wanted:
        able = ", ".join(f"{tap}: {_text(value, unit)}" for tap, value in made.items()) or "none"
        with_base = f" with {base.label}" if unit == "x" else ""
        raise NoTap(
            f"no tap of bench {bench.name} makes {fault.label}{with_base} within {tolerance * 100:.0f} % "
            f"(taps: {able}); choose one of these, or a bench with another tap"
        )
    return best


def _text(value: float, unit: str) -> str:
    return f"{value:.3g} x" if unit == "x" else format_quantity(value, unit, digits=3)
