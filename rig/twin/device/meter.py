"""The energy meter of a port: exact integrals of the measured voltage and current, taken only when somebody asks.

Import flows into the device, export out of it; both registers count up. What is measured is true + offset, the product
times (1 + gain + drift (ambient - 25 degC)), with the ambient temperature of when it is summed up.
"""

from collections.abc import Callable
from itertools import pairwise
from math import floor

from rig.twin.device.protection import REFERENCE_DEGC
from rig.twin.engine import truth
from rig.twin.engine.probe import Probe
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import PICO, to_ps
from rig.twin.scene.firmware import Meter

PIECE, MANY = 5.0, 24
"""Bench time that is summed up at once, s, and segments of the simulation: noise makes thousands in a second."""
ASLEEP = 5e-3
"""Bench time that somebody slept at least: whoever waits for an answer of an instrument is not kept waiting."""


class MeterPhysics:
    """Counts from `start` to `cut`, the loss of its energy. `volts` at the terminals, `amps` out of the port."""

    def __init__(self, sim: Simulation, model: Meter, volts: Probe, amps: Probe, ambient: Callable[[], float]) -> None:
        self._sim, self._model, self._volts, self._amps, self._ambient = sim, model, volts, amps, ambient
        self._on = False
        self._origin_ps = 0
        self._base = (0.0, 0.0)  # J imported and exported until `_base_ps`
        self._base_ps = 0
        self._segments = 0  # of the simulation until then
        self._seen_ps = 0

    @property
    def _factor(self) -> float:
        return 1.0 + self._model.gain + self._model.drift * (self._ambient() - REFERENCE_DEGC)

    def start(self) -> None:
        self._on = True
        self._origin_ps = self._base_ps = self._sim.now_ps

    def keep_up(self) -> None:
        """Sum up what nobody asks for, piece by piece: all of it at once would keep everybody waiting."""
        now, seen = self._sim.now_ps, self._seen_ps
        self._seen_ps = now
        if not self._on or self._model.commit is not None or now - seen < to_ps(ASLEEP):
            return
        if self._sim.now_ps - self._base_ps > to_ps(PIECE) or len(self._sim.history) - self._segments > MANY:
            self._to_last_commit()

    def cut(self) -> None:
        """What is not in non-volatile memory is gone."""
        if not self._on:
            return
        self._to_last_commit()
        self._on = False
        self._base = (0.0, 0.0) if self._model.on_power_cut == "clear" else self._whole(self._base)

    def registers(self) -> tuple[float, float]:
        """Energy import and export [J] as the registers show them, in whole quanta."""
        if not self._on:
            return self._base
        self._to_last_commit()
        return self._whole(self._sum(self._base, self._base_ps, self._sim.now_ps))

    def measured(self) -> tuple[float, float, float]:
        """V, A and W now, as measured; the current counts outwards."""
        if not self._on:
            return 0.0, 0.0, 0.0
        volts = self._sim.value(self._volts) + self._model.offset_voltage
        amps = (self._sim.value(self._amps) + self._model.offset_current) * self._factor
        return volts, amps, volts * amps

    def _whole(self, joules: tuple[float, float]) -> tuple[float, float]:
        quantum = self._model.quantum
        return floor(joules[0] / quantum) * quantum, floor(joules[1] / quantum) * quantum

    def _to_last_commit(self) -> None:
        """Move the base to the last commit; without an interval every quantum is committed as it comes."""
        now = self._sim.now_ps
        interval = self._model.commit
        last = now if interval is None else now - (now - self._origin_ps) % to_ps(interval)
        if last > self._base_ps:
            self._base = self._sum(self._base, self._base_ps, last)
            self._base_ps = last
            self._segments = len(self._sim.history)

    def _sum(self, base: tuple[float, float], from_ps: int, to_ps: int) -> tuple[float, float]:
        """`base` and the energy of a window, split where the measured power changes its direction."""
        sim, model = self._sim, self._model
        turns = {
            t
            for probe, offset in ((self._amps, model.offset_current), (self._volts, model.offset_voltage))
            for t, _ in truth.crossings(sim, probe, -offset, from_ps, to_ps)
        }
        imported, exported = base
        times = [from_ps, *sorted(turns - {from_ps, to_ps}), to_ps]
        for begin, end in pairwise(times):
            joules = self._energy(begin, end)
            imported, exported = imported + max(-joules, 0.0), exported + max(joules, 0.0)
        return imported, exported

    def _energy(self, begin: int, end: int) -> float:
        """Integral of (v + offset) (i + offset) times the factor [J], positive outwards."""
        sim, more_volts, more_amps = self._sim, self._model.offset_voltage, self._model.offset_current
        joules = truth.energy(sim, self._volts, self._amps, begin, end) + more_volts * more_amps * (end - begin) * PICO
        if more_amps:
            joules += more_amps * truth.integral(sim, self._volts, begin, end)
        if more_volts:
            joules += more_volts * truth.integral(sim, self._amps, begin, end)
        return joules * self._factor
