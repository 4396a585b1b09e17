"""The twin's world around one instrument, served in a thread of this process; time moves only by sleeps.

Supply and load of the bench stand at the same terminals. The one that is not proved is operated by its physics.
"""

import asyncio
import os
import threading
import tty
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from rig.twin.clock import PS_PER_S, BenchTime
from rig.twin.scene.load import load_scene
from rig.twin.scene.model import Scene
from rig.twin.wire.hub import Hub, Session
from rig.twin.wire.modbus_rtu import RtuSession
from rig.twin.wire.servers import serve
from rig.twin.wire.units import ModbusUnit, ScpiUnit
from rig.twin.world import World

SEED = 1
PATIENCE_S = 5.0


@cache
def terminals() -> Scene:
    return load_scene(Path(__file__).with_name("terminals.yaml"))


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run there and wait; a coroutine function too."""

        async def run() -> Any:
            result = function(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(2 * PATIENCE_S)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE_S)
        self.loop.close()


class Counted:
    """A session that counts what its client has sent."""

    def __init__(self, session: Session, count: Callable[[int], None]) -> None:
        self._session, self._count = session, count

    def requests(self, data: bytes) -> list[bytes]:
        self._count(len(data))
        return self._session.requests(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class TwinWorld:
    """One served instrument, and its clock as its driver sees it."""

    def __init__(self, loop: Loop, place: str, model: str) -> None:
        self._loop, self._place = loop, place
        self._sent = self._received = 0
        loop.call(self._build, place, model)

    def _build(self, place: str, model: str) -> None:
        scene = terminals()
        own = getattr(scene.bench.instruments, place) or scene.bench.instruments.supply
        entry = own.model_copy(update={"model": model, "latency": 0.0})
        instruments = scene.bench.instruments.model_copy(update={place: entry})
        bench = scene.bench.model_copy(update={"instruments": instruments})
        scene = scene.model_copy(update={"bench": bench})
        self.world = World(scene, SEED, {place} & {"chamber"})
        self.time = BenchTime(self.world.sim)
        self.hub = Hub(self.time, self._loop.loop)
        self.served = serve(self.world, {place: entry}, self.hub, self.time)
        self.address, self.unit = self.served.addresses[place], self.served.units[place]
        port = self.hub.ports[place]
        session = port.open_session
        port.open_session = lambda: Counted(session(), self._count)
        for contactor in ("feed_line", "load_line"):
            self.world.contactors[contactor].drive(True)
        self.time.advance_to(PS_PER_S // 10)

    def act(self, function: Callable[[World], Any]) -> Any:
        """Do something in the world, between two commands."""
        return self._loop.call(function, self.world)

    # -- the driver's clock

    def now_ns(self) -> int:
        return self.time.now_ns

    def sleep(self, seconds: float) -> None:
        """Everything that was sent acts first."""
        self._loop.call(self._pass, round(seconds * PS_PER_S))

    def opened(self, link: str, local_port: int) -> None:
        """One link at a time: its bytes count from here."""
        self._sent = self._received = 0

    def sent(self, link: str, nbytes: int) -> None:
        self._sent += nbytes

    def _count(self, nbytes: int) -> None:
        self._received += nbytes

    async def _pass(self, duration_ps: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self._received < self._sent:
                self.hub.drain()
                await asyncio.sleep(0)
        self.time.advance_to(self.time.now_ps + duration_ps)

    # -- the wire

    def cut(self) -> None:
        """The instrument closes its connections."""

        def close() -> None:
            for client in list(self.hub.ports[self._place].clients):
                client.close()

        self._loop.call(close)

    def serial_session(self, modbus_unit: int) -> Counted:
        """The instrument's conversation on a serial line."""
        if isinstance(self.unit, ScpiUnit):
            return Counted(self.unit.session(), self._count)
        assert isinstance(self.unit, ModbusUnit)
        return Counted(RtuSession(self.unit.firmware.execute, modbus_unit), self._count)

    def close(self) -> None:
        self._loop.call(self.hub.close)


class Pty:
    """The same instrument behind a pseudo terminal; `address` is the terminal's name. Modbus becomes RTU."""

    def __init__(self, loop: Loop, world: TwinWorld, modbus_unit: int) -> None:
        self._loop = loop
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.address = os.ttyname(self._slave)
        self._session = world.serial_session(modbus_unit)
        loop.call(loop.loop.add_reader, self._master, self._talk)

    def _talk(self) -> None:
        for request in self._session.requests(os.read(self._master, 1 << 16)):
            os.write(self._master, self._session.execute(request))

    def close(self) -> None:
        self._loop.call(self._loop.loop.remove_reader, self._master)
        os.close(self._master)
        os.close(self._slave)
