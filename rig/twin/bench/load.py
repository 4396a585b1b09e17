"""The electronic load: an SDL1030X class load, 150 V, 30 A, 300 W, in CC, CR and CV mode (`load_stage`).

CR and CV levels act at once, CC levels slew. A short is CR mode at its lowest resistance. Constant power and LED mode
are not modelled. With a start voltage (`load_von`) the load draws nothing before its terminals have reached it.
The load protects itself: its input goes off when it has carried 110 % of 30 A or of 300 W for 1 ms, or its own limits
for the delay set with them. Power is judged by the mode in use: from the voltage in CC and CR, the current in CV.

Figures, all [K] unverified class figures: set and read errors (rectangular, drawn once) 0.05 % of value + 0.02 % of
150 V, 0.05 % + 0.05 % of 30 A, 1 % of the set resistance; current slew 1 mA/us to 2.5 A/us, 0.5 A/us at first; lowest
resistance 30 mohm, 50 mohm where a current is set; input capacitance 100 nF with 10 ohm; resolution 1 mV and 1 mA.
"""

from rig.twin.bench.draw import rectangular
from rig.twin.bench.load_protection import Alarm, LoadProtection, Mode
from rig.twin.bench.load_stage import LoadStage, wire_load_stage
from rig.twin.bench.load_von import Von
from rig.twin.engine.network import Network
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation

MAX_VOLTS, MAX_AMPS, MAX_WATTS = 150.0, 30.0, 300.0
MIN_OHMS, MAX_OHMS = 0.03, 10e3
SLEW, SLOWEST, FASTEST = 0.5e6, 1e3, 2.5e6  # A/s
PROTECTION_HEADROOM = 1.1
LONGEST_DELAY = 60.0  # s
RESOLUTION = 0.001  # V and A

RANGES: dict[Mode, tuple[float, float, str]] = {
    "CURR": (0.0, MAX_AMPS, "A"),
    "RES": (MIN_OHMS, MAX_OHMS, "ohm"),
    "VOLT": (0.0, MAX_VOLTS, "V"),
}


def wire_load(network: Network, minus: str) -> None:
    """Add the load between node `load` and node `minus`."""
    wire_load_stage(network, minus)
    network.resistor("load_sense", "load", minus, 1e6)


class LoadPhysics:
    """What the load does at its terminals. Setters raise ValueError outside the instrument's range."""

    def __init__(self, sim: Simulation, seed: int, current: Probe, minus: str) -> None:
        self._sim = sim
        self.mode: Mode = "CURR"
        self.input_on = False
        self._drawing = False
        self._alarm: Alarm | None = None
        self._level: dict[Mode, float] = {"CURR": 0.0, "RES": MAX_OHMS, "VOLT": MAX_VOLTS}
        self._slew = (SLEW, SLEW)
        gains = {"set A": 0.0005, "set V": 0.0005, "read V": 0.0005, "read A": 0.0005, "set ohm": 0.01}
        offsets = {"A": 0.0005 * MAX_AMPS, "V": 0.0002 * MAX_VOLTS}
        self._gain = {what: rectangular(seed, f"load {what} gain", half) for what, half in gains.items()}
        self._offset = {
            what: rectangular(seed, f"load {what} offset", offsets[what[-1]])
            for what in ("set A", "set V", "read V", "read A")
        }
        self.voltage = v("load", minus)
        self.current = current  # into the plus terminal [A]
        self._stage = LoadStage(sim, MAX_AMPS, self.voltage)
        self._von = Von(sim, self.voltage, self._start, self._rest)
        fixed: dict[Alarm, float] = {"OCP": MAX_AMPS * PROTECTION_HEADROOM, "OPP": MAX_WATTS * PROTECTION_HEADROOM}
        self._protection = LoadProtection(sim, fixed, self._trip, self.voltage, self.current)

    def set_level(self, mode: Mode, value: float) -> None:
        """Set the level of a mode, in A, ohm or V, and make it the mode in use."""
        low, high, unit = RANGES[mode]
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
            _check("slew", slew, SLOWEST, FASTEST, "A/s")
        self._slew = (float(rise), float(fall))

    def set_von(self, volts: float, *, latch: bool) -> None:
        """Start voltage, and whether it is asked for only once; both count from the next time the input goes on."""
        _check("Von", volts, 0.0, MAX_VOLTS, "V")
        self._von.volts, self._von.latch = float(volts), latch

    def set_protection(self, alarm: Alarm, limit: tuple[float, float] | None) -> None:
        """A limit of current or power with its delay, (A or W, s), or none but the load's own."""
        if limit is not None:
            top, unit = {"OCP": (MAX_AMPS, "A"), "OPP": (MAX_WATTS, "W")}[alarm]
            _check(f"{alarm} level", limit[0], 0.0, top, unit)
            _check(f"{alarm} delay", limit[1], 0.0, LONGEST_DELAY, "s")
        self._protection.limits[alarm] = limit
        if self._drawing:
            self._protection.watch(self.mode, self._level[self.mode])

    def alarm(self) -> Alarm | None:
        """What has switched the input off, until it is switched on again."""
        return self._alarm

    def level(self, mode: Mode) -> float:
        """The level as set, in A, ohm or V."""
        return self._level[mode]

    def measure(self) -> tuple[float, float]:
        """(V, A) as displayed: terminal values with the drawn reading errors, in steps of the resolution."""
        volts = self._with_errors("read V", self._sim.value(self.voltage))
        amps = self._with_errors("read A", self._sim.value(self.current) if self.input_on else 0.0)
        return _displayed(volts), _displayed(amps)

    def _start(self) -> None:
        self._drawing = True
        self._apply(from_zero=True)

    def _rest(self) -> None:
        self._drawing = False
        self._stage.off()
        self._protection.rest()

    def _trip(self, alarm: Alarm) -> None:
        self._sim.log("load", f"alarm {alarm}")
        self.set_input(on=False)
        self._alarm = alarm

    def _apply(self, *, from_zero: bool) -> None:
        level = self._level[self.mode]
        if self.mode == "RES":
            self._stage.be_ohms(level * (1 + self._gain["set ohm"]))
        elif self.mode == "VOLT":
            self._stage.be_volts(max(self._with_errors("set V", level), 0.0))
        else:
            amps = max(self._with_errors("set A", level), 0.0) if level > 0 else 0.0
            self._stage.be_amps(amps, *self._slew, from_zero=from_zero)
        self._protection.watch(self.mode, level)

    def _with_errors(self, what: str, value: float) -> float:
        return value * (1 + self._gain[what]) + self._offset[what]


def _check(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not low <= value <= high:
        raise ValueError(f"the load's {what} must be between {low:g} and {high:g} {unit}, not {value:g}")


def _displayed(value: float) -> float:
    return round(round(value / RESOLUTION) * RESOLUTION, 3)
