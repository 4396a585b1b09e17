"""A world without the engine: instruments' physics that do as they are told, and write it down."""

import heapq
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

import numpy as np

from rig.twin.bench.amplifier import GeneratorPhysics
from rig.twin.bench.chamber import ChamberPhysics
from rig.twin.bench.load_class import SIGLENT_SDL1030X
from rig.twin.bench.supply_class import EA_PSB_9080_60
from rig.twin.scene.bench import Chamber

PS = 10**12
CHAMBER = Chamber.model_construct(low=-40.0, high=130.0, rate=0.05, time_constant=300.0, sensor=0.0)


class FakeTimer:
    def __init__(self, callback):
        self.callback = callback

    def cancel(self):
        self.callback = None


class FakeSim:
    """Time, a calendar and a log."""

    def __init__(self):
        self.now_ps = 0
        self.lines = []
        self._queue = []
        self._order = count()

    def at(self, t_ps, callback, priority=0):
        assert t_ps >= self.now_ps
        timer = FakeTimer(callback)
        heapq.heappush(self._queue, (t_ps, priority, next(self._order), timer))
        return timer

    def run_until(self, t_ps):
        assert t_ps >= self.now_ps
        while self._queue and self._queue[0][0] <= t_ps:
            due, _, _, timer = heapq.heappop(self._queue)
            self.now_ps = due
            if timer.callback is not None:
                timer.callback()
        self.now_ps = t_ps

    def log(self, kind, text):
        self.lines.append(f"{self.now_ps} {kind} {text}")

    def log_sha256(self):
        return sha256("\n".join(self.lines).encode()).hexdigest()


class FakeSupply:
    """Terminals follow the set values at once: 10 ohm load."""

    rating = EA_PSB_9080_60

    def __init__(self, sim):
        self.sim, self.output_on, self.volts, self.pending_alarm = sim, False, 0.0, None

    @property
    def regulation(self):
        return "CV" if self.output_on else "OFF"

    def alarm(self):
        return self.pending_alarm

    def clear_alarm(self):
        self.pending_alarm = None

    def set_voltage(self, volts):
        self.volts = volts
        self.sim.log("supply", f"voltage {volts:g}")

    def set_current(self, amps):
        self.sim.log("supply", f"current {amps:g}")

    def set_power(self, watts):
        self.sim.log("supply", f"power {watts:g}")

    def set_sink_current(self, amps):
        self.sim.log("supply", f"sink current {amps:g}")

    def set_sink_power(self, watts):
        self.sim.log("supply", f"sink power {watts:g}")

    def set_sink_resistance(self, ohms):
        self.sim.log("supply", f"sink resistance {ohms}")

    def set_ovp(self, volts):
        self.sim.log("supply", f"OVP {volts:g}")

    def set_ocp(self, amps):
        self.sim.log("supply", f"OCP {amps:g}")

    def set_limit_trip(self, delay):
        self.sim.log("supply", f"trip at limit {delay}")

    def set_output(self, on):
        self.output_on = on
        self.sim.log("supply", f"output {on}")

    def measure(self):
        return (self.volts, self.volts / 10) if self.output_on else (0.0, 0.0)

    def power_off(self):
        self.output_on, self.volts, self.pending_alarm = False, 0.0, None
        self.sim.log("supply", "power off")


class FakeLoad:
    rating = SIGLENT_SDL1030X

    def __init__(self, sim):
        self.sim, self.input_on, self.mode, self.value = sim, False, "CURR", 0.0
        self.pending_alarm = None

    def set_sense(self, on):
        """Its sense terminals see what its own do."""

    def set_level(self, mode, value):
        self.mode, self.value = mode, value
        self.sim.log("load", f"{mode} {value:g}")

    def set_input(self, on):
        self.input_on = on
        self.pending_alarm = None if on else self.pending_alarm
        self.sim.log("load", f"input {on}")

    def set_slew(self, rise, fall):
        self.sim.log("load", f"slew {rise:g} {fall:g}")

    def set_von(self, volts, *, latch):
        self.sim.log("load", f"von {volts:g} {latch}")

    def set_protection(self, alarm, limit):
        self.sim.log("load", f"{alarm} {limit}")

    def power_off(self):
        self.input_on, self.mode, self.value = False, "CURR", 0.0
        self.sim.log("load", "power off")

    def alarm(self):
        return self.pending_alarm

    def measure(self):
        drawn = {"CURR": self.value, "RES": 54.0 / (self.value or 1.0), "VOLT": 1.0, "POW": self.value / 54.0}
        return 54.0, drawn[self.mode] if self.input_on else 0.0


class FakeRelays:
    channels = tuple(range(1, 33))

    def __init__(self, sim):
        self.sim, self.coils = sim, set()

    def set_coils(self, states):
        for channel, on in states:
            (self.coils.add if on else self.coils.discard)(channel)
            self.sim.log("relays", f"{channel} {on}")

    def coil(self, channel):
        return channel in self.coils


class FakeLines:
    def __init__(self, sim):
        self.sim, self.high = sim, set()

    def write(self, name, high):
        if name == "EIO7":
            raise ValueError("EIO7 is an input")
        (self.high.add if high else self.high.discard)(name)
        self.sim.log("lines", f"{name} {high}")

    def read(self, name):
        return name in self.high


class FakeRecorder:
    """Code of scan s, channel c (as a number): 1000 c + s; input n reads n/10 V."""

    def __init__(self, sim):
        self.sim, self.begun = sim, 0

    def begin(self, settling):
        self.begun += 1

    def scans_ready(self, channels, start_ps, scan_ps):
        return int((self.sim.now_ps - start_ps) // scan_ps) + 1

    def codes(self, channels, ranges, start_ps, scan_ps, first_scan, n):
        scans = np.arange(first_scan, first_scan + n)[:, None]
        return (scans + [1000 * int(c.removeprefix("AIN")) for c in channels]).astype(np.uint16)

    def read(self, channel, full_scale):
        return int(channel.removeprefix("AIN")) / 10

    def constants(self, full_scale):
        return full_scale / 32768, 33523.5


class FakeDigitizer:
    """Every whole second the input crosses every level upwards. A code is the channel number + sample index."""

    def __init__(self, sim):
        self.sim, self.timer, self.asked, self.limited = sim, None, [], []

    def arm(self, channel, level_volts, slope, callback, *, limited):
        self.limited.append(limited)
        self.asked.append((self.sim.now_ps, channel, level_volts, slope))
        when = (self.sim.now_ps // PS + 1) * PS
        self.timer = self.sim.at(when, lambda: callback(when))

    def disarm(self):
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def codes(self, channel, volts_per_div, offset_volts, start_ps, dt_ps, n, *, limited):
        assert start_ps + (n - 1) * dt_ps <= self.sim.now_ps
        self.asked.append((channel, volts_per_div, offset_volts, start_ps, dt_ps, n))
        self.limited.append(limited)
        return (np.arange(n) + 32768 + channel).astype(np.uint16)


class FakeMeter:
    """1.234567 V at the front terminals."""

    def read(self, channel, full_scale):
        assert channel == "front"
        return 1.234567 if full_scale >= 1.1 else float("inf")


@dataclass(frozen=True)
class FakeModel:
    model: str
    latency: float


class FakeWorld:
    def seen_by(self, _instrument):
        return self

    def __init__(self):
        self.sim = FakeSim()
        self.supply, self.load, self.relays = FakeSupply(self.sim), FakeLoad(self.sim), FakeRelays(self.sim)
        self.lines, self.recorder, self.digitizer = (
            FakeLines(self.sim),
            FakeRecorder(self.sim),
            FakeDigitizer(self.sim),
        )
        self.meter = FakeMeter()
        self.generator = GeneratorPhysics(None)
        self.chamber = ChamberPhysics(self.sim, CHAMBER, 1)


MODELS = {
    "supply": FakeModel("ea_psb9000", 3e-3),
    "load": FakeModel("siglent_sdl1000x", 5e-3),
    "relays": FakeModel("waveshare_relay32", 2e-3),
    "daq": FakeModel("labjack_t7", 1e-3),
    "scope": FakeModel("rigol_dho800", 4e-3),
}
