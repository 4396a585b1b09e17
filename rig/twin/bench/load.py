"""The electronic load in CC, CR, CV and CP mode (`load_stage`); its class (`load_class`) says how much of what.

CR and CV levels act at once, CC levels slew, CP levels follow the voltage (`load_power`). A short is CR mode at
its lowest resistance. LED mode is not modelled. With a start voltage (`load_von`) the load draws nothing before its
terminals have reached it. The load protects itself: its input goes off when it has carried 110 % of its amperes or
watts for 1 ms, or its own limits for the delay set with them. Power is judged by the mode in use: from the voltage in
CC and CR, the current in CV, the level in CP.

Set and read errors are drawn once for each instrument. Of all classes, [K]: 50 mohm at least where a current is set;
input capacitance 100 nF with 10 ohm.
"""

from rig.twin.bench.load_class import LoadClass
from rig.twin.bench.load_power import REACTION, ConstantPower
from rig.twin.bench.load_protection import Alarm, LoadProtection, Mode
from rig.twin.bench.load_stage import LoadStage, wire_load_stage
from rig.twin.bench.load_von import Von
from rig.twin.draw import rectangular
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation

PROTECTION_HEADROOM = 1.1
LONGEST_DELAY = 60.0  # s


def wire_load(network: Network, minus: str) -> None:
    """Add the load between node `load` and node `minus`."""
    wire_load_stage(network, minus)
    network.resistor("load_sense", "load", minus, 1e6)


class LoadPhysics:
    """What the load does at its terminals. Setters raise ValueError outside the instrument's range."""

    def __init__(
        self, sim: Simulation, seed: int, current: Probe, minus: str, rating: LoadClass, leads: Probe | None = None
    ) -> None:  # fmt: skip
        """`leads`: what its sense terminals are wired to, if anything."""
        self._sim, self.rating, self._leads = sim, rating, leads
        self._sense = False
        self._ranges: dict[Mode, tuple[float, float, str]] = {
            "CURR": (0.0, rating.amps, "A"),
            "RES": (rating.min_ohms, rating.max_ohms, "ohm"),
            "VOLT": (0.0, rating.volts, "V"),
            "POW": (0.0, rating.watts, "W"),
        }
        self.mode: Mode = "CURR"
        self.input_on = False
        self._drawing = False
        self._alarm: Alarm | None = None
        self._level: dict[Mode, float] = {"CURR": 0.0, "RES": rating.max_ohms, "VOLT": rating.volts, "POW": 0.0}
        self._slew = (rating.slew, rating.slew)
        gains = dict.fromkeys(("set A", "set V", "read V", "read A"), rating.gain)
        gains |= {"set ohm": rating.ohm_gain, "set W": rating.watt_gain}
        offsets = {"A": rating.amp_offset, "V": rating.volt_offset}
        self._gain = {what: rectangular(seed, f"load {what} gain", half) for what, half in gains.items()}
        self._offset = {
            what: rectangular(seed, f"load {what} offset", offsets[what[-1]])
            for what in ("set A", "set V", "read V", "read A")
        }
        self.voltage = v("load", minus)
        self.current = current  # into the plus terminal [A]
        self._stage = LoadStage(sim, rating.amps, self.voltage)
        self._power = ConstantPower(sim, self.voltage, rating.amps, self._follow)
        self._von = Von(sim, self.voltage, self._start, self._rest)
        fixed: dict[Alarm, float] = {
            "OCP": rating.amps * PROTECTION_HEADROOM,
            "OPP": rating.watts * PROTECTION_HEADROOM,
        }
        self._protection = LoadProtection(sim, fixed, self._trip, self.voltage, self.current)

    def set_level(self, mode: Mode, value: float) -> None:
        """Set the level of a mode, in A, ohm, V or W, and make it the mode in use."""
        low, high, unit = self._ranges[mode]
        _check(f"{mode} level", value, low, high, unit)
        self._sim.log("load", f"{mode} {value:g} {unit}")
        changed = mode != self.mode
        self._level[mode], self.mode = float(value), mode
        if self._drawing:
            self._apply(from_zero=changed)

    def set_input(self, on: bool) -> None:
        """Switching on forgets an alarm."""
        if on == self.input_on:
            return
        self.input_on = on
        self._sim.log("load", f"input {'on' if on else 'off'}")
        if on:
            self._alarm = None
            self._von.begin()
        else:
            self._von.end()
            self._rest()

    def set_slew(self, rise: float, fall: float) -> None:
        """How fast the current moves in CC mode [A/s]; it counts from the next change of the level on."""
        for slew in (rise, fall):
            _check("slew", slew, self.rating.slowest, self.rating.fastest, "A/s")
        self._slew = (float(rise), float(fall))

    def set_von(self, volts: float, *, latch: bool) -> None:
        """Start voltage, and whether it is asked for only once; both count from the next time the input goes on."""
        _check("Von", volts, 0.0, self.rating.volts, "V")
        self._von.volts, self._von.latch = float(volts), latch

    def set_protection(self, alarm: Alarm, limit: tuple[float, float] | None) -> None:
        """A limit of current or power with its delay, (A or W, s), or none but the load's own."""
        if limit is not None:
            top, unit = {"OCP": (self.rating.amps, "A"), "OPP": (self.rating.watts, "W")}[alarm]
            _check(f"{alarm} level", limit[0], 0.0, top, unit)
            _check(f"{alarm} delay", limit[1], 0.0, LONGEST_DELAY, "s")
        self._protection.limits[alarm] = limit
        if self._drawing:
            self._protection.watch(self.mode, self._level[self.mode])

    def set_sense(self, on: bool) -> None:
        """Whether voltage is read at the sense terminals; unwired, these see what the load's own terminals do."""
        self._sense = on

    def alarm(self) -> Alarm | None:
        """What has switched the input off, until it is switched on again."""
        return self._alarm

    def level(self, mode: Mode) -> float:
        """The level as set, in A, ohm, V or W."""
        return self._level[mode]

    def power_off(self) -> None:
        """The input opens; level, slew, start voltage and limits become those of a start."""
        self.set_input(False)
        self.set_level("CURR", 0.0)
        self.set_slew(self.rating.slew, self.rating.slew)
        self.set_von(0.0, latch=False)
        self.set_protection("OCP", None)
        self.set_protection("OPP", None)

    def measure(self) -> tuple[float, float]:
        """(V, A) as displayed: true values with the drawn reading errors, in steps of the resolution."""
        seen = self._leads if self._sense and self._leads is not None else self.voltage
        volts = self._with_errors("read V", self._sim.value(seen))
        amps = self._with_errors("read A", self._sim.value(self.current) if self.input_on else 0.0)
        return _displayed(volts, self.rating.volt_step), _displayed(amps, self.rating.amp_step)

    def _start(self) -> None:
        self._drawing = True
        self._apply(from_zero=True)

    def _rest(self) -> None:
        self._drawing = False
        self._power.rest()
        self._stage.off()
        self._protection.rest()

    def _trip(self, alarm: Alarm) -> None:
        self._sim.log("load", f"alarm {alarm}")
        self.set_input(on=False)
        self._alarm = alarm

    def _apply(self, *, from_zero: bool) -> None:
        level = self._level[self.mode]
        self._power.rest()
        if self.mode == "POW":
            self._power.hold(level * (1 + self._gain["set W"]), from_zero=from_zero)
        elif self.mode == "RES":
            self._stage.be_ohms(level * (1 + self._gain["set ohm"]))
        elif self.mode == "VOLT":
            self._stage.be_volts(max(self._with_errors("set V", level), 0.0))
        else:
            amps = max(self._with_errors("set A", level), 0.0) if level > 0 else 0.0
            self._stage.be_amps(amps, *self._slew, from_zero=from_zero)
        self._protection.watch(self.mode, level)

    def _follow(self, amps: float, from_zero: bool) -> None:
        start = 0.0 if from_zero else self._sim.input("load_set")
        slew = min(max(abs(amps - start) / REACTION, self.rating.slowest), self.rating.fastest)
        self._stage.be_amps(amps, slew, slew, from_zero=from_zero)

    def _with_errors(self, what: str, value: float) -> float:
        return value * (1 + self._gain[what]) + self._offset[what]


def _check(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise ValueError(f"the load's {what} must be between {low:g} and {high:g} {unit}, not {value:g}")


def _displayed(value: float, step: float) -> float:
    return round(round(value / step) * step, 9)
