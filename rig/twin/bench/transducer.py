"""Transducers: what an instrument's input sees of a physical quantity."""

from dataclasses import dataclass

from rig.twin.bench.draw import rectangular
from rig.twin.engine.probe import Probe, i, slope, v
from rig.twin.engine.units import to_ps
from rig.twin.scene.bench import Transducer

SENSED: dict[str, Probe] = {
    "port_voltage": v("port"),
    "port_current": i("port_shunt"),  # out of the port [A]
    "injector_current": i("injector"),  # into the injector [A]
    "gate_voltage": v("gate"),
    "input_voltage": v("energy_in"),
}


@dataclass(frozen=True, slots=True)
class TransducerPhysics:
    """The voltage at the instrument's input is `probe`, `delay_ps` late.

    A shunt gives R i + L di/dt, a divider v / ratio, each with its true value. The finite bandwidth acts as the
    delay 1 / (2 pi f) of a first-order low-pass on slow edges; its rounding of corners is not modelled.
    """

    name: str
    probe: Probe
    delay_ps: int
    ohms: float | None


def build_transducer(name: str, model: Transducer, seed: int, port_slope: Probe) -> TransducerPhysics:
    """The transducer with its true value, drawn rectangularly within its tolerance.

    `port_slope` is the slope of the current through the port's shunt, which is no branch itself [A/s].
    """
    true = 1.0 + rectangular(seed, f"transducer {name}", model.tolerance)
    delay = to_ps(1.0 / (6.283185307179586 * model.bandwidth))
    sensed = SENSED[model.senses]
    if model.ratio is not None:
        return TransducerPhysics(name, sensed * (1.0 / (model.ratio * true)), delay, None)
    assert model.resistance is not None, "the scene's checks leave only dividers and shunts"
    assert model.inductance is not None
    ohms = model.resistance * true
    probe = sensed * ohms
    slopes = {"port_current": port_slope, "injector_current": slope("injector")}
    if model.senses in slopes:
        probe = probe + slopes[model.senses] * model.inductance
    return TransducerPhysics(name, probe, delay, ohms)
