"""What is around the instrument that is proved: the twin's circuit, what a transcript remembers, or open terminals."""

from typing import Literal, Protocol

import pytest

from instruments.records import Limits
from rig.twin.world import World
from tests.instruments.contract.world import TwinWorld

Expected = tuple[float, float] | bool | set[int] | set[str]


class Circuit(Protocol):
    volts: float
    """What the tests set at the terminals [V]."""
    amps: float
    """What they let flow [A]."""

    def feed(self, volts: float, amps: float) -> None:
        """A source at the terminals: a voltage and its current limit. 0 V: none."""

    def draw(self, amps: float) -> None:
        """A sink at the terminals that takes this current. 0 A: none."""

    def surge(self, volts: float) -> None:
        """The supply that is proved gets out of its own control and puts this voltage out."""

    def overpower(self, limits: Limits) -> tuple[float, float]:
        """Amperes and volts that are a fifth more than a load with these limits may take."""

    def input_of(self, instrument: Literal["scope", "daq", "meter"]) -> tuple[str, float]:
        """An input that sees the voltage at the terminals, and the terminals' volts for one volt of it."""

    def contacts(self) -> tuple[str, str]:
        """A line whose contact is closed, and one whose contact is open."""

    def cut(self) -> None:
        """The instrument closes its connections."""

    def true(self, **expected: Expected) -> None:
        """Assert what is really so, a value and how far off it may be; the truth is the twin's alone."""


class TwinCircuit:
    """Supply and load of the twin's bench, joined by their cables (40 mohm)."""

    volts, amps = 5.0, 0.5

    def __init__(self, world: TwinWorld) -> None:
        self._world = world

    def feed(self, volts: float, amps: float) -> None:
        def set_up(world: World) -> None:
            world.supply.set_current(amps)
            world.supply.set_voltage(volts)
            world.supply.set_output(volts > 0.0)

        self._world.act(set_up)

    def draw(self, amps: float) -> None:
        def set_up(world: World) -> None:
            world.load.set_level("CURR", amps)
            world.load.set_input(amps > 0.0)

        self._world.act(set_up)

    def surge(self, volts: float) -> None:
        self._world.act(lambda world: world.sim.set_input("supply_set", volts))

    def overpower(self, limits: Limits) -> tuple[float, float]:
        volts = min(60.0, limits.volts)
        return 1.2 * limits.watts / volts, volts

    def input_of(self, instrument: Literal["scope", "daq", "meter"]) -> tuple[str, float]:
        bench = self._world.world.scene.bench
        name, channel = {
            "scope": ("port_divider", "1"),
            "daq": ("port_divider_dc", "AIN0"),
            "meter": ("port_divider_dc", "first"),
        }[instrument]
        return channel, bench.transducers[name].ratio or 1.0

    def contacts(self) -> tuple[str, str]:
        contactors = self._world.world.scene.bench.contactors
        return contactors["load_line"].aux, contactors["reverse_line"].aux

    def cut(self) -> None:
        self._world.cut()

    def true(self, **expected: Expected) -> None:
        for what, wanted in expected.items():
            value = self._world.act(lambda world, what=what: TRUTHS[what](world))
            if isinstance(wanted, tuple):
                assert value == pytest.approx(wanted[0], abs=wanted[1], rel=0.0), what
            else:
                assert value == wanted, what


TRUTHS = {
    "supply_volts": lambda world: world.sim.value(world.supply.voltage),
    "supply_amps": lambda world: world.sim.value(world.supply.current),
    "supply_on": lambda world: world.supply.output_on,
    "load_volts": lambda world: world.sim.value(world.load.voltage),
    "load_amps": lambda world: world.sim.value(world.load.current),
    "load_on": lambda world: world.load.input_on,
    "sine_hertz": lambda world: world.generator.hertz,
    "sine_volts": lambda world: world.generator.amplitude,
    "samples": lambda world: list(world.generator.samples),
    "sample_ps": lambda world: world.generator.dt_ps,
    "air_degc": lambda world: world.chamber.air(),
    "chamber_on": lambda world: world.chamber.on,
    "coils": lambda world: {channel for channel in world.relays.channels if world.relays.coil(channel)},
    "high": lambda world: {line for line in ("FIO1", "FIO2", "FIO3") if world.lines.read(line)},
    "port_volts": lambda world: world.sim.value(world.probes["port_voltage"]),
}


class Remembered:
    """A transcript holds the answers to what happened when it was recorded, so nothing has to happen again."""

    volts, amps = TwinCircuit.volts, TwinCircuit.amps

    def feed(self, volts: float, amps: float) -> None: ...

    def draw(self, amps: float) -> None: ...

    def surge(self, volts: float) -> None: ...

    overpower = TwinCircuit.overpower

    def input_of(self, instrument: Literal["scope", "daq", "meter"]) -> tuple[str, float]:
        return {"scope": ("1", 20.0), "daq": ("AIN0", 8.0), "meter": ("first", 8.0)}[instrument]

    def contacts(self) -> tuple[str, str]:
        return "EIO1", "EIO2"

    def cut(self) -> None: ...

    def true(self, **expected: Expected) -> None: ...


class OpenTerminals:
    """A real instrument with nothing connected: what needs a source, a sink or a mishap is skipped."""

    volts, amps = 5.0, 0.05

    def feed(self, volts: float, amps: float) -> None:
        pytest.skip("needs a source at the terminals, and this instrument's are open")

    def draw(self, amps: float) -> None:
        pytest.skip("needs a sink at the terminals, and this instrument's are open")

    def surge(self, volts: float) -> None:
        pytest.skip("no real supply is driven out of its control")

    def overpower(self, limits: Limits) -> tuple[float, float]:
        pytest.skip("no real load is overloaded")

    def input_of(self, instrument: Literal["scope", "daq", "meter"]) -> tuple[str, float]:
        pytest.skip("needs a voltage at the input, and this instrument's are open")

    def contacts(self) -> tuple[str, str]:
        pytest.skip("needs contacts on its lines, and this instrument's are open")

    def cut(self) -> None:
        pytest.skip("a real instrument's connection is not cut")

    def true(self, **expected: Expected) -> None: ...
