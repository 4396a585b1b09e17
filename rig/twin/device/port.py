"""A port of the device: its switch, soft start, trip and recovery.

inside ── series element ──┬── port terminals
                           ├── port capacitor
                           └── leakage
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

from rig.twin.device.guards import GuardPhysics
from rig.twin.device.limiter import LimiterPhysics
from rig.twin.device.meter import MeterPhysics
from rig.twin.device.nodes import Nodes
from rig.twin.device.protection import REFERENCE_DEGC, ProtectionPhysics
from rig.twin.device.recovery import RecoveryPhysics
from rig.twin.device.reverse import ReversePhysics
from rig.twin.device.series import SeriesPhysics, wire_series
from rig.twin.device.temperature import TemperaturePhysics
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.ports import Port
from rig.twin.scene.recovery import Recovery

State = Literal[
    "off", "starting", "on", "tripped", "latched", "blocked", "undervoltage", "overvoltage", "disabled", "damaged"
]
GUARD_STATES: dict[str, State] = {"under": "undervoltage", "over": "overvoltage"}
RUNNING: tuple[State, ...] = ("starting", "on", "blocked")

SOFT_START_STEPS = 10  # few enough to be cheap, fine enough that no step looks like a short
SOFT_START_OHMS = 100.0


def wire_port(network: Network, name: str, model: Port, nodes: Nodes) -> None:
    """Add the elements of port `name` between its inside node and its terminals."""
    port = nodes(name)
    wire_series(network, name, model, nodes)
    network.capacitor(f"{port}_capacitor", port, "0", model.capacitance, model.esr)
    network.resistor(f"{port}_leakage", port, "0", model.leakage)


class PortPhysics:
    """The port's own sequence. `state` and `trips` are its truth; `recovered` is called after each restart.

    With `reboot`, a protection that decides to trip calls it instead. `warmer`: by how much, K, it is warmer around it
    now than in the room.
    """

    def __init__(
        self,
        sim: Simulation,
        name: str,
        model: Port,
        nodes: Nodes,
        recovered: Callable[[], None] = lambda: None,
        reboot: Callable[[], None] | None = None,
        seed: int = 0,
        warmer: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._seed = seed
        self._sim, self._name, self.model = sim, nodes.said(name), model
        self._recovered, self._reboot = recovered, reboot
        port = nodes(name)
        self.state: State = "off"
        self.trips: list[tuple[int, str]] = []  # (time of the decision [ps], what decided)
        self._known = 0  # how many of them the control has forgotten
        self._returning = False  # a restart is under way, at whose end `recovered` is called
        self.enabled = True
        self._timers: list[Timer] = []
        self._origin_ps = 0
        self.series = SeriesPhysics(sim, name, model, nodes)
        self.volts = v(port)
        in_the_room = REFERENCE_DEGC if model.temperature is None else model.temperature.ambient

        def ambient() -> float:
            return in_the_room + warmer()

        self.temperature: Callable[[], float] = ambient
        if model.temperature is not None:
            self.temperature = TemperaturePhysics(
                sim, model.temperature, self.series.loss, self.series.current, ambient
            )
        self.meter = (
            None if model.meter is None else MeterPhysics(sim, model.meter, self.volts, self.series.current, ambient)
        )
        self._protection = ProtectionPhysics(
            sim,
            model.protection,
            self.series.current,
            self._trip,
            name=self._name,
            seed=seed,
            limit=self._limit_fast,
            ambient=ambient,
            temperature=self.temperature,
        )
        trips = model.protection
        self.limiter: LimiterPhysics | None = None
        if trips.limit is not None:
            self.limiter = LimiterPhysics(sim, trips.limit, self.series, lambda: self._trip("limit"), self._log)
        self._reverse: ReversePhysics | None = None
        if trips.reverse is not None:
            self._reverse = ReversePhysics(sim, port, trips.reverse, self.series, self._reversed, self._cleared)
        self._guards = {
            which: GuardPhysics(
                sim,
                guard,
                v(nodes(model.inside)) if guard.where == "inside" else self.volts,
                sign,
                partial(self._guarded, which),
            )
            for which, sign, guard in (("under", -1, model.guards.under), ("over", +1, model.guards.over))
            if guard is not None
        }
        self._recovery = self._recoveries(port, model.recovery)
        self._recovery_after: dict[str, RecoveryPhysics] = {
            cause: self._recoveries(port, r) for cause, r in model.recovery_after.items()
        }
        if model.polarity is not None and not model.polarity.survives:
            sim.watch(self.series.loss, model.polarity.breakdown, +1, self._damage, level=True)

    def close(self) -> None:
        """The control is up: the guards watch, the meter counts, and the port comes on."""
        self._origin_ps = self._sim.now_ps
        if self.meter is not None:
            self.meter.start()
        if self.state == "damaged":
            return
        for guard in self._guards.values():
            guard.arm()
        if self.enabled:
            self._begin("soft")
        else:
            self._enter("disabled")

    def drop(self) -> None:
        """The control has lost its energy or is reset: off, and everything forgotten, a latched trip too."""
        self._stop()
        self._protection.power_lost()
        self._forget_retries()
        self._known = len(self.trips)
        for guard in self._guards.values():
            guard.disarm()
        if self.meter is not None:
            self.meter.cut()
        self.series.open()
        if self.state not in ("off", "damaged"):
            self._enter("off")

    def reset(self) -> None:
        """By command: a latched port whose policy allows it comes back."""
        if self.state == "latched" and self._by_command():
            recovery = self._recovery_of(self.trips[-1][1])
            recovery.forget()
            self._restart(recovery)

    def enable(self, *, on: bool) -> None:
        """By command: switch the port off (as unpaid energy is) and on again, which ends what `reset` would end."""
        self.enabled = on
        if self.state in ("off", "damaged") or (self.state == "latched" and not self._by_command()):
            return
        if not on and self.state != "disabled":
            self._stop()
            self._forget_retries()
            self._enter("disabled")
            self._after(self.model.switch.turn_off, self.series.open)
        elif on and self.state == "disabled":
            self._begin("soft")

    @property
    def remembered(self) -> list[tuple[int, str]]:
        """The trips that the control knows of: those since its last start."""
        return self.trips[self._known :]

    def _forget_retries(self) -> None:
        for recovery in (self._recovery, *self._recovery_after.values()):
            recovery.forget()

    def _recoveries(self, port: str, model: Recovery) -> RecoveryPhysics:
        physics = RecoveryPhysics(
            self._sim, port, model, lambda: self._restart(physics), lambda: self._enter("latched"), self._seed
        )
        return physics

    def _by_command(self) -> bool:
        return self._recovery_of(self.trips[-1][1]).by_command

    def _recovery_of(self, reason: str) -> RecoveryPhysics:
        return self._recovery_after.get(cause_of(reason), self._recovery)

    def _log(self, text: str) -> None:
        self._sim.log("device", f"{self._name} {text}")

    def _enter(self, state: State) -> None:
        self.state = state
        self._log(state)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(self._sim.at(self._sim.now_ps + to_ps(seconds), action))

    def _stop(self) -> None:
        """Whatever runs is forgotten; the switch stays as it is."""
        self._forget_timers()
        self._protection.disarm()
        for part in (self.limiter, self._reverse):
            if part is not None:
                part.disarm()
        for recovery in (self._recovery, *self._recovery_after.values()):
            recovery.stop()

    def _forget_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _begin(self, shape: str) -> float:
        """Close the switch, softly in geometric steps of its resistance; returns what that takes [s]."""
        for which, guard in self._guards.items():
            if guard.bad:
                self._enter(GUARD_STATES[which])
                return 0.0
        self._forget_timers()
        self._returning = False
        self.series.open()  # it may have been told to a moment ago
        self._enter("starting")
        self._protection.arm(self._origin_ps)
        for part in (self.limiter, self._reverse):
            if part is not None:
                part.arm()
        soft_start, final = self.model.switch.soft_start, self.model.switch.resistance
        if shape == "hard":
            self._conduct(final)
            self._enter("on")
            return 0.0
        for step in range(SOFT_START_STEPS):
            ohms = SOFT_START_OHMS * (final / SOFT_START_OHMS) ** (step / (SOFT_START_STEPS - 1))
            self._after(soft_start * step / (SOFT_START_STEPS - 1), partial(self._conduct, ohms))
        self._after(soft_start, partial(self._enter, "on"))
        return soft_start

    def _conduct(self, ohms: float) -> None:
        if self.limiter is not None:
            self.limiter.conduct(ohms)
        else:
            self.series.conduct(ohms)

    def _trip(self, reason: str) -> None:
        if self._reboot is not None:
            self._log(f"resets by {reason}")
            self._reboot()
            return
        self._stop()
        self.trips.append((self._sim.now_ps, reason))
        self._enter("tripped")
        self._log(f"trip by {reason}")
        recovery = self._recovery_of(reason)
        self._after(self.model.switch.turn_off, partial(self._open, recovery, self._sim.now_ps))

    def _open(self, recovery: RecoveryPhysics, decided_ps: int) -> None:
        self.series.open()
        recovery.tripped(decided_ps)

    def _restart(self, recovery: RecoveryPhysics) -> None:
        recovery.stop()
        ramp = self._begin(recovery.restart)
        if self.state in RUNNING:
            self._returning = True
            self._after(ramp, self._returned)

    def _returned(self) -> None:
        if self._returning:
            self._returning = False
            self._recovered()

    def _limit_fast(self) -> None:
        """The fast comparator opens the switch, and the limiter goes on after its pause."""
        fast = self.model.protection.fast
        if self.limiter is None or fast is None:
            return
        self._log("fast comparator")
        if self.state == "starting":
            self._finish_start()
        self._after(self.model.switch.turn_off, self.series.open)
        self.limiter.limit_after(self.model.switch.turn_off + fast.pause)

    def _finish_start(self) -> None:
        """The rest of a soft start is left out."""
        self._forget_timers()
        self.series.preset(self.model.switch.resistance)
        self._enter("on")
        self._returned()

    def _reversed(self) -> None:
        reverse = self.model.protection.reverse
        if reverse is not None and reverse.then == "trip":
            self._trip("reverse")
            return
        if self.state == "starting":
            self._finish_start()
        self._enter("blocked")
        self._after(self.model.switch.turn_off, self._block)

    def _block(self) -> None:
        if self.limiter is not None:
            self.limiter.disarm()
        self.series.open()
        if self._reverse is not None:
            self._reverse.wait()

    def _cleared(self) -> None:
        if self._reverse is not None:
            self._reverse.disarm()
            self._reverse.arm()
        if self.limiter is not None:
            self.limiter.arm()
        self._conduct(self.model.switch.resistance)
        self._enter("on")

    def _guarded(self, which: str, bad: bool) -> None:
        if bad and self.state in RUNNING:
            self._stop()
            self.trips.append((self._sim.now_ps, which))
            self._enter(GUARD_STATES[which])
            self._after(self.model.switch.turn_off, self.series.open)
        elif not bad and self.state == GUARD_STATES[which]:
            self._restart(self._recovery)

    def _damage(self) -> None:
        self._stop()
        self.series.open()
        self._enter("damaged")


def cause_of(reason: str) -> str:
    """The cause in a reason of `trips`: "stage" for "stage 2"."""
    return reason.split(" ", maxsplit=1)[0]
