"""Why a bench must not make a fault: its ratings against the prospective current and energy."""

from collections.abc import Iterator

from rig.faults.grounds import SecondReturn
from rig.faults.stimuli import Reverse
from rig.files.bench import Bench, Injector
from rig.files.bench_checks import SECOND_RETURN
from rig.files.device import Port
from rig.files.quantity import format_quantity

REVERSED = "reversed"  # the route that connects the supply backwards


def rating_refusals(
    label: str, peak: float, energy: float, i2t: float, port: Port, injector: Injector
) -> Iterator[str]:
    """One sentence per exceeded rating of the injector.

    `peak` (A), `energy` (J) and `i2t` (A²s) are those at the declared voltage; they are raised to the top of its band
    here.
    """
    rating, top = injector.rating, port.highest_voltage / port.voltage
    for verb, value, where, limit, unit in (
        ("puts", port.highest_voltage, "across the injector", rating.voltage, "V"),
        ("could drive", peak * top, "through the injector", rating.current, "A"),
        ("could turn", energy * top**2, "into heat in the injector and its tap", rating.energy, "J"),
        ("could put", i2t * top**2, "through the injector", rating.i2t, "A2s"),
    ):
        if limit is not None and value > limit:
            yield (
                f"{label} {verb} {format_quantity(value, unit)} {where}, rated {format_quantity(limit, unit)}; "
                "choose a milder fault, a shorter hold or another bench"
            )


def carry_refusals(label: str, contactors: tuple[str, ...], current: float, bench: Bench) -> Iterator[str]:
    """One sentence per contactor that `current` (A) would overheat during the hold, or that could not end it."""
    for name in contactors:
        carry, breaking = bench.contactors[name].carry, bench.contactors[name].breaking
        if breaking is not None and current > breaking:
            yield (
                f"{label} drives {format_quantity(current, 'A')} through contactor {name}, which could not open it: it "
                f"breaks {format_quantity(breaking, 'A')}; choose a milder fault or another contactor"
            )
        if current > carry:
            yield (
                f"{label} holds {format_quantity(current, 'A')} in contactor {name}, "
                f"which carries {format_quantity(carry, 'A')}; choose a milder fault or another contactor"
            )


def ground_refusals(fault: SecondReturn, bench: Bench) -> Iterator[str]:
    """More current than the contactor of the second return carries."""
    part = bench.contactors.get(SECOND_RETURN)
    if part is not None and fault.current > part.carry:
        yield (
            f"{fault.label} may drive {format_quantity(fault.current, 'A')} through contactor {SECOND_RETURN}, which "
            f"carries {format_quantity(part.carry, 'A')}; lower the current"
        )


def reverse_refusals(fault: Reverse, route: tuple[str, ...], bench: Bench) -> Iterator[str]:
    """A missing route, and an injector that cannot stand the reversed voltage while it is open."""
    if not route:
        yield f"{fault.label} needs a route named {REVERSED!r}, which bench {bench.name} does not have; add it"
    rating = bench.injector.rating.voltage
    if fault.voltage > rating:
        yield f"{fault.label} stands across the injector, rated {format_quantity(rating, 'V')}; lower the voltage"
