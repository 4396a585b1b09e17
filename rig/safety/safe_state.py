"""The safe state: every step commanded, read back, bounded in time and harmless to repeat.

injector open -> supply off, neighbour off (where there is one) -> series switch at rest (the same) -> load discharges
-> loads off, generator off, climate chamber off -> contactors isolate -> relays at rest -> supply dead, neighbour dead

Instruments of the bench that play no role follow the loads: a supply that no plan uses may still be feeding something.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from instruments.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from instruments.clock import Clock
    from instruments.roles import Instrument, Supply
    from rig.bench.equipment import Equipment
    from rig.bench.wiring import Wiring

__all__ = ["SafeState", "Step", "make_safe"]

DISCHARGE_S = 0.05
"""Bench time given to the load to take a port's own capacitor down before its contactor opens."""
DEAD_S, LOOK_S = 5.0, 0.1
"""Bench time that a supply is given to empty itself, and between looks."""
DEAD = {"supply": 2.0, "neighbour": 1.0}
"""Below this, V, one that says it is off is believed. The neighbour counts then as what pushes nothing, whatever route
is closed (`rig.run.wired`)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the safe state: what was read back, or why it could not be."""

    name: str
    ok: bool
    seen: str


@dataclass(frozen=True, slots=True)
class SafeState:
    """What the bench looked like when it had been made safe."""

    steps: tuple[Step, ...]

    @property
    def verified(self) -> bool:
        """Every step was read back as wanted."""
        return all(step.ok for step in self.steps)

    @property
    def unproved(self) -> str:
        """The steps that were not proved, by name."""
        return ", ".join(step.name for step in self.steps if not step.ok)

    @property
    def trouble(self) -> str:
        """The steps that were not proved, each with what was seen."""
        return "; ".join(f"{step.name}: {step.seen}" for step in self.steps if not step.ok)


def make_safe(
    equipment: Equipment, wiring: Wiring, clock: Clock, gate: str, controls: Mapping[str, str]
) -> SafeState:  # fmt: skip
    """Bring the bench to its safe state; a step that fails never keeps the later ones from being tried.

    `controls`: lines of the switches that conduct at rest, by name, as `Bench.controls` has them; the supply is off
    before they do, so that nothing comes back on the device.

    Whatever makes a step fail is in what it has `seen`: a link, the clock, a driver.
    """

    def injector() -> tuple[bool, str]:
        equipment.lines.set_line(gate, False)
        high = equipment.lines.line(gate)
        return not high, f"gate {gate} {'high' if high else 'low'}"

    supplies = {"supply": equipment.supply}
    if equipment.neighbour is not None:
        supplies["neighbour"] = equipment.neighbour

    def at_rest(control: str) -> tuple[bool, str]:
        equipment.lines.set_line(control, False)
        high = equipment.lines.line(control)
        return not high, f"control {control} {'high' if high else 'low'}"

    def discharge() -> tuple[bool, str]:
        clock.sleep(DISCHARGE_S)
        return True, f"{DISCHARGE_S:g} s given"

    def load() -> tuple[bool, str]:
        equipment.load.make_safe()
        return _off(equipment.load.read_back())

    def contactors() -> tuple[bool, str]:
        closed = sorted(name for name, state in wiring.isolate().items() if state)
        return (
            not closed,
            f"closed: {', '.join(closed)}, by {equipment.relays.name} or welded" if closed else "all open",
        )

    def relays() -> tuple[bool, str]:
        on = [str(number) for number, state in equipment.relays.states().items() if state]
        return not on, f"coils on: {', '.join(on)}" if on else "all coils off"

    def other(instrument: Instrument) -> tuple[bool, str]:
        instrument.make_safe()
        seen = instrument.read_back()
        return not any(seen.get(key) for key in ("output", "input", "on")), _said(seen)

    steps: dict[str, Callable[[], tuple[bool, str]]] = {
        "injector open": injector,
        **{f"{name} off": partial(_switched_off, one) for name, one in supplies.items()},
        **{f"{name} at rest": partial(at_rest, control) for name, control in controls.items()},
        "discharge": discharge,
        "load off": load,
        **({} if equipment.generator is None else {"generator off": partial(other, equipment.generator)}),
        **({} if equipment.chamber is None else {"chamber off": partial(other, equipment.chamber)}),
        **{f"{name} off": partial(other, instrument) for name, instrument in equipment.others.items()},
        "contactors isolate": contactors,
        "relays at rest": relays,
        **{f"{name} dead": partial(_dead, one, DEAD[name], clock) for name, one in supplies.items()},
    }
    return SafeState(tuple(_step(name, action, equipment) for name, action in steps.items()))


def _switched_off(one: Supply) -> tuple[bool, str]:
    one.make_safe()
    return _off(one.read_back())


def _dead(one: Supply, below: float, clock: Clock) -> tuple[bool, str]:
    for _ in range(round(DEAD_S / LOOK_S)):
        volts = one.measure().volts
        if abs(volts) < below:
            return True, f"{volts:.2f} V at its terminals"
        clock.sleep(LOOK_S)
    return False, f"{volts:.2f} V at its terminals {DEAD_S:g} s after it was switched off"


def _off(read_back: Mapping[str, object]) -> tuple[bool, str]:
    on = bool(read_back.get("output", read_back.get("input", True)))
    return not on, _said(read_back)


def _said(read_back: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in read_back.items())


def _step(name: str, action: Callable[[], tuple[bool, str]], equipment: Equipment) -> Step:
    """Try; what breaks a link has it reopened before the next try, what breaks something else shows in the next try.

    Twice is enough for a link. A third time is for what left a link out of step without being its fault: a clock that
    refused in the middle of an exchange.
    """
    troubles: list[Exception] = []
    for _ in range(3):
        try:
            return Step(name, *action())
        except Exception as error:
            troubles.append(error)
            if sum(isinstance(trouble, LinkError) for trouble in troubles) > 1:
                break
            try:
                _reopen(error, equipment)
            except Exception as worse:
                troubles.append(worse)
                break
    said = dict.fromkeys(str(trouble) or type(trouble).__name__ for trouble in (troubles[-1], troubles[0]))
    return Step(name, ok=False, seen=", after ".join(said))


def _reopen(error: Exception, equipment: Equipment) -> None:
    instrument = equipment.instruments.get(error.instrument) if isinstance(error, LinkError) else None
    if instrument is not None:
        instrument.reopen()
