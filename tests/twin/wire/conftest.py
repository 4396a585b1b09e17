"""A small world of its own behind the real sockets, so that the wire is tested without the engine."""

import asyncio
import contextlib
import queue
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from rig.twin.clock import BenchTime
from rig.twin.control import ClockServer
from rig.twin.json_lines import listen
from rig.twin.wire import scpi, servers
from rig.twin.wire.hub import Hub
from tests.twin.wire.clients import PATIENCE_S, Json, Modbus, Scpi
from tests.twin.wire.fake_world import MODELS, FakeLoad, FakeModel, FakeSim, FakeSupply, FakeWorld


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
