"""A small world of its own behind the real sockets, so that the wire is tested without the engine."""

import asyncio
import contextlib
import heapq
import json
import queue
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rig.twin.bench.amplifier import GeneratorPhysics
from rig.twin.bench.chamber import ChamberPhysics
from rig.twin.bench.load_class import SIGLENT_SDL1030X
from rig.twin.bench.supply_class import EA_PSB_9080_60
from rig.twin.clock import BenchTime
from rig.twin.control import ClockServer
from rig.twin.json_lines import listen
from rig.twin.scene.bench import Chamber
from rig.twin.wire import scpi, servers
from rig.twin.wire.hub import Hub

PS = 10**12
PATIENCE_S = 10.0
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


class Scpi:
    """A plain socket that speaks lines."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.sent = 0

    def write(self, message):
        data = message if isinstance(message, bytes) else message.encode() + b"\n"
        self.sock.sendall(data)
        self.sent += len(data)

    def line(self):
        return self.file.readline().decode().removesuffix("\n")

    def ask(self, message):
        self.write(message)
        return self.line()

    def errors(self):
        return self.ask("SYST:ERR:ALL?")

    def block(self, message):
        self.write(message)
        header = self.file.read(2)
        assert header[:1] == b"#"
        data = self.file.read(int(self.file.read(int(header[1:]))))
        assert self.file.read(1) == b"\n"
        return data

    def close(self):
        self.file.close()
        self.sock.close()


class Modbus:
    """A plain socket that speaks Modbus TCP."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.transaction = 0
        self.sent = 0

    def ask(self, pdu, unit=1):
        self.send(pdu, unit)
        return self.reply()

    def send(self, pdu, unit=1):
        self.transaction += 1
        frame = struct.pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit) + pdu
        self.sock.sendall(frame)
        self.sent += len(frame)

    def reply(self):
        header = self.file.read(7)
        transaction, protocol, length, _ = struct.unpack(">HHHB", header)
        assert (transaction, protocol) == (self.transaction, 0)
        return self.file.read(length - 1)

    def read(self, address, form):
        """One value by function 3."""
        size = struct.calcsize(form)
        reply = self.ask(struct.pack(">BHH", 3, address, size // 2))
        assert reply[:2] == bytes((3, size)), reply
        return struct.unpack(form, reply[2:])[0]

    def put(self, address, form, value):
        """One value by function 16."""
        data = struct.pack(form, value)
        return self.ask(struct.pack(">BHHB", 16, address, len(data) // 2, len(data)) + data)

    def close(self):
        self.file.close()
        self.sock.close()


class Json:
    """A plain Unix socket that speaks JSON lines."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(str(path))
        self.file = self.sock.makefile("rb")

    def send(self, **message):
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def reply(self):
        return json.loads(self.file.readline())

    def ask(self, **message):
        self.send(**message)
        return self.reply()

    def claim(self, client, link):
        """The client of instrument `link` is this participant's.

        Said with the link: the kernel may give clients of two instruments the same number.
        """
        ports = [client.sock.getsockname()[1]]
        assert self.ask(op="claim", ports=ports, links=[link])["claimed"] == ports

    def close(self):
        self.file.close()
        self.sock.close()


class Rig:
    """A twin on a loop in a thread, and clients to it that are closed at the end."""

    def __init__(self, *, pace=None, watchdog_s=30.0, world=None, models=None):
        self.world = world or FakeWorld()
        self._models = models or MODELS
        self.directory = Path(tempfile.mkdtemp(prefix="rt-"))
        self._pace, self._watchdog_s = pace, watchdog_s
        self.said = queue.SimpleQueue()
        self._clients = []
        self._owner = None  # for whom links are claimed unless a test says otherwise
        self._lent = False
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    async def _serve(self):
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        sim = self.world.sim
        self.time = BenchTime(sim)
        self.hub = Hub(self.time, self.loop)
        self.served = servers.serve(self.world, self._models, self.hub, self.time)
        self.clock_server = ClockServer(
            self.time,
            self.hub,
            log=lambda: (sim.log_sha256(), len(sim.lines if isinstance(sim, FakeSim) else sim.events.lines)),
            note=sim.log,
            streamed=self.served.streamed,
            flowing=self.served.flowing,
            pace=self._pace,
            watchdog_s=self._watchdog_s,
            say=self.said.put,
        )
        server = await listen(self.directory / "clock", self.clock_server)
        self._ready.set()
        await self._stop.wait()
        server.close()
        self.hub.close()

    def call(self, function, *args):
        """Run in the loop's thread."""

        async def run():
            return function(*args)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(PATIENCE_S)

    def _keep(self, client):
        self._clients.append(client)
        return client

    def scpi(self, name, clock=None):
        """A client of an instrument, claimed for `clock`: the first owner if not given, made where there is none."""
        return self._claimed(self.stranger(name), name, clock)

    def modbus(self, name, clock=None):
        return self._claimed(self._keep(Modbus(self.hub.ports[name].number)), name, clock)

    def stranger(self, name):
        """A client that no participant claims."""
        return self._keep(Scpi(self.hub.ports[name].number))

    def _claimed(self, client, name, clock):
        if clock is None:
            if self._owner is None:
                self._owner = self._keep(Json(self.directory / "clock"))
                self._lent = True
            clock = self._owner
        clock.claim(client, name)
        return client

    def clock(self, **hello):
        if self._lent and hello == {"owner": True}:
            self._lent = False
            return self._owner
        client = self._keep(Json(self.directory / "clock"))
        if hello:
            client.ask(op="hello", **hello)
        if hello.get("owner") and self._owner is None:
            self._owner = client
        return client

    def stream(self):
        address = ("127.0.0.1", self.hub.ports["daq stream"].number)
        return self._keep(socket.create_connection(address, PATIENCE_S))

    def close(self):
        for client in self._clients:
            with contextlib.suppress(OSError):
                client.close()
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        shutil.rmtree(self.directory)


@pytest.fixture
def rig() -> Iterator[Rig]:
    twin = Rig()
    yield twin
    twin.close()


@pytest.fixture
def serving():
    """serving(scope="rigol_mso5000") -> a twin that is these models in the places of the usual ones."""
    started = []

    def start(**models):
        named = {place: FakeModel(model, 1e-3) for place, model in models.items()}
        started.append(Rig(models=MODELS | named))
        return started[-1]

    yield start
    for twin in started:
        twin.close()


@pytest.fixture
def fast_rig() -> Iterator[Rig]:
    """Bench time runs 100 times as fast as the wall."""
    twin = Rig(pace=100.0)
    yield twin
    twin.close()


@pytest.fixture
def make_rig() -> Iterator:
    made = []

    def make(**options):
        made.append(Rig(**options))
        return made[-1]

    yield make
    for twin in made:
        twin.close()


class Bare:
    """Firmware without a socket, in front of a fake load: what it answers, and what the load is told."""

    def __init__(self, build, rating):
        self.sim = FakeSim()
        self.load = FakeLoad(self.sim)
        self.load.rating = rating
        self.instrument = build(self.load)

    def write(self, message):
        assert self.instrument.execute(message.encode()) == b""

    def ask(self, message):
        return self.instrument.execute(message.encode()).decode().removesuffix("\n")

    def errors(self):
        return self.ask("SYST:ERR:ALL?")

    def told(self):
        """What the load has been told since the last time."""
        lines, self.sim.lines = [line.partition(" load ")[2] for line in self.sim.lines], []
        return lines


@pytest.fixture
def bare():
    return Bare


@pytest.fixture
def plain():
    """The clients, for sockets that the fixture does not own."""
    return SimpleNamespace(Scpi=Scpi, Modbus=Modbus, Json=Json)


def uncovered(instrument, dialogue):
    """Rows of a command table that a dialogue never used, as (header, "get" or "set")."""
    seen = set()
    for message, _ in dialogue:
        for unit in scpi.units(message):
            for nodes, command in instrument._table:
                if scpi.match_header(nodes, unit.header) is not None:
                    seen.add((command.header, "get" if unit.query else "set"))
    table = {(c.header, kind) for _, c in instrument._table for kind in ("get", "set") if getattr(c, kind) is not None}
    return sorted(table - seen)


@pytest.fixture
def fake_supply():
    """A power stage without the engine."""
    return FakeSupply(FakeSim())


@pytest.fixture
def converse():
    """Hold a dialogue of (message, reply or None) with a client and compare every reply."""

    def run(client, dialogue):
        for message, expected in dialogue:
            if expected is None:
                client.write(message)
            else:
                assert (message, client.ask(message)) == (message, expected)

    run.uncovered = uncovered
    return run
