"""Transducers: what an instrument's input sees of a physical quantity."""

from collections.abc import Mapping
from dataclasses import dataclass

from rig.twin.bench.lowpass import time_constant
from rig.twin.draw import rectangular
from rig.twin.engine.probe import Probe, i, slope, v
from rig.twin.scene.bench import Transducer

SENSED: dict[str, Probe] = {
    "port_voltage": v("port"),
    "port_current": i("port_shunt"),  # out of the port [A]
    "injector_current": i("injector"),  # into the injector [A]
    "gate_voltage": v("gate"),
    "input_voltage": v("energy_in"),
    "input_current": i("energy_input"),  # into the device [A]; the shunt is part of its line
    "other_voltage": v("other"),
    "mains_voltage": v("mains"),
    "ground_current": i("second_return"),  # into the device [A]; the shunt is part of its line
}


@dataclass(frozen=True, slots=True)
class TransducerPhysics:
    """The voltage at the instrument's input is `probe` behind a first-order low-pass with time `constant` [s].

    A shunt gives R i + L di/dt, a divider v / ratio, each with its true value.
    """

    name: str
    probe: Probe
    constant: float
    ohms: float | None


def build_transducer(
    name: str, model: Transducer, seed: int, port_slope: Probe, places: Mapping[str, str] = {}, *,
    switched: bool = False,
) -> TransducerPhysics:  # fmt: skip
    """The transducer with its true value, drawn rectangularly within its tolerance.

    `port_slope` is the slope of the current through the port's shunt, which is no branch itself [A/s]; `places` where
    the bench's own side of the device's nodes is, when a contact lies between; `switched`: what sees the injector's
    gate sees the series switch being opened too.
    """
    true = 1.0 + rectangular(seed, f"transducer {name}", model.tolerance)
    constant = time_constant(model.bandwidth)
    node = {"port_voltage": "port", "input_voltage": "energy_in"}.get(model.senses)
    sensed = v(places[node]) if node is not None and node in places else SENSED[model.senses]
    if switched and model.senses == "gate_voltage":
        sensed = sensed + v("opening")
    if model.ratio is not None:
        return TransducerPhysics(name, sensed * (1.0 / (model.ratio * true)), constant, None)
    assert model.resistance is not None, "the scene's checks leave only dividers and shunts"
    assert model.inductance is not None
    ohms = model.resistance * true
    probe = sensed * ohms
    slopes = {"port_current": port_slope, "injector_current": slope("injector")}
    if model.senses in slopes:
        probe = probe + slopes[model.senses] * model.inductance
    return TransducerPhysics(name, probe, constant, ohms)
