"""The twin's process: a world, its instruments and its clock on one event loop, from publishing to the last client.

A launched twin (`owned`) belongs to whoever holds the other end of its standard input: at EOF, and when no clock and no
instrument has a client any more, it ends. One that a person started ends by SIGINT or SIGTERM.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from importlib.resources.abc import Traversable
from pathlib import Path

from rig.files.document import BadFile, Mistake, load_data, names, resolve
from rig.twin import bench_file
from rig.twin.clock import BenchTime
from rig.twin.control import ClockServer
from rig.twin.engine.network import NetworkError
from rig.twin.json_lines import listen
from rig.twin.scene.bench import NoSuchPart
from rig.twin.scene.load import load_scene
from rig.twin.scene.model import Scene
from rig.twin.truth_socket import TruthServer
from rig.twin.watchdog import PATIENCE_S
from rig.twin.wire import servers
from rig.twin.wire.device_modbus import serve_device
from rig.twin.wire.faults import WIRE_FAULTS, WireFaults
from rig.twin.wire.hub import Hub
from rig.twin.world import World

BAD_INPUT = 2
CLOCK, TRUTH = "clock.sock", "truth/truth.sock"  # below the directory of the twin


def serve(
    *,
    bench: str,
    write_bench: Path,
    scene: str | None = None,
    device: str | None = None,
    seed: int = 0,
    pace: float | None = None,
    watchdog: float = PATIENCE_S,
    owned: bool = False,
) -> int:
    """Serve until the end; the exit code. Mistakes in files are written to stderr, one a line, exit code 2.

    Without `scene`, the one of the same name as `device`, or else the first whose device has a serial number that
    `device` declares, is taken, healthy preferred. `pace` is bench seconds per wall second, None virtual time. When
    bench time stands still for `watchdog` seconds of wall time, standard error says who holds it.
    """
    if pace is not None and not pace > 0:
        sys.stderr.write(f"the pace must be a positive number of bench seconds per wall second, not {pace:g}\n")
        return BAD_INPUT
    if not watchdog > 0:
        sys.stderr.write(f"the watchdog's patience must be a positive number of seconds, not {watchdog:g}\n")
        return BAD_INPUT
    try:
        template = resolve("benches", bench)
        place = resolve("scenes", scene if scene is not None else scene_for(device).name)
        chosen = load_scene(place, bench_scene(template))
        models = scene_models(chosen)
        bench_file.check_template(template, models, chosen.name)
        world = World(chosen, seed, bench_file.optional_parts(template))
        models = scene_models(world.scene)  # those of parts that this bench lacks are not there
    except BadFile as bad:
        sys.stderr.write(f"{bad}\n")
        return BAD_INPUT
    except NoSuchPart as bad:
        sys.stderr.write(f"scene {chosen.name!r} on bench {bench!r}: {bad}\n")
        return BAD_INPUT
    except NetworkError as bad:
        sys.stderr.write(f"scene {chosen.name!r} makes no circuit: {bad}\n")
        return BAD_INPUT
    directory = write_bench.parent if owned else Path(tempfile.mkdtemp(prefix="rig-twin-"))
    code = BAD_INPUT
    try:
        twin = _Twin(world, models, pace, watchdog, directory)
        code = asyncio.run(twin.run(template, write_bench, {"pid": os.getpid(), "seed": seed}, owned=owned))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the twin cannot serve: {error}\n")
    bench_file.withdraw(write_bench)
    if code == 0 or not owned:  # a launcher that is still there wants to read the log of a failure
        shutil.rmtree(directory, ignore_errors=True)
    return code


def bench_scene(template: Path | Traversable) -> Path | Traversable | None:
    """The scene whose bench is the one in `template`: that of the same name. None: each scene's bench is its own."""
    name = load_data(template)[0].get("name")
    return resolve("scenes", name) if name in names("scenes") else None


def scene_for(device: str | None) -> Scene:
    """The scene of a device: of those that come with the rig one whose serial number it declares.

    The scene that has the device's name comes first, then the healthy one.

    Raises BadFile when there is none.
    """
    if device is None:
        return load_scene(resolve("scenes", "healthy"))
    file = resolve("devices", device)
    data, locate = load_data(file)
    pattern = str(data.get("serial_pattern", ""))
    for name in sorted(names("scenes"), key=lambda name: (name != device, name != "healthy", name)):
        found = load_scene(resolve("scenes", name))
        if re.fullmatch(pattern, found.device.serial):
            return found
    place = locate(("serial_pattern",))
    message = f"no scene simulates a device with a serial number like {pattern!r}; name one with --scene"
    raise BadFile([Mistake(place.file, place.line, place.column, "serial_pattern", message)])


def scene_models(scene: Scene) -> dict[str, servers.Model]:
    """The instruments of a scene by name."""
    instruments = scene.bench.instruments
    models = {name: getattr(instruments, name) for name in type(instruments).model_fields}
    return {name: model for name, model in models.items() if model is not None}


class _Twin:
    """The running twin."""

    def __init__(
        self, world: World, models: dict[str, servers.Model], pace: float | None, watchdog_s: float, directory: Path
    ) -> None:
        self._world, self._models, self._directory = world, models, directory
        self._pace, self._watchdog_s = pace, watchdog_s
        self._owner_gone = False

    async def run(
        self, template: Path | Traversable, write_bench: Path, about: dict[str, object], *, owned: bool
    ) -> int:
        loop = asyncio.get_running_loop()
        self._stop: asyncio.Future[int] = loop.create_future()
        loop.set_exception_handler(self._failed)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, 0)
        sim = self._world.sim
        time = BenchTime(sim)
        self._hub = Hub(time, loop)
        served = servers.serve(self._world, self._models, self._hub, time)
        self._world.faults.handle(WIRE_FAULTS, WireFaults(self._hub, served.units, sim).begin)
        ports = [port for device in self._world.devices.values() for port in device.ports.values()]
        meters = [port.meter for port in ports if port.meter is not None]
        time.after_advance += [meter.keep_up for meter in meters]
        telemetry = self._world.scene.device.telemetry
        link = None if telemetry is None else serve_device(self._hub, self._world.telemetry, telemetry)
        self._clock = ClockServer(
            time,
            self._hub,
            log=lambda: (sim.log_sha256(), len(sim.events.lines)),
            note=sim.log,
            streamed=served.streamed,
            flowing=served.flowing,
            pace=self._pace,
            watchdog_s=self._watchdog_s,
        )
        self._clock.on_leave = self._left
        self._hub.on_progress.append(self._left)
        truth = self._directory / TRUTH
        truth.parent.mkdir(mode=0o700)
        clock = self._directory / CLOCK
        sockets = [
            await listen(clock, self._clock),
            await listen(truth, TruthServer(self._world, time, self._hub)),
        ]
        try:
            bench_file.publish(template, write_bench, served.addresses, clock, about, link)
            if owned:
                loop.add_reader(sys.stdin.fileno(), self._owner)
            sys.stdout.write(f"ready {write_bench}\n")
            sys.stdout.flush()
            return await self._stop
        finally:
            self._hub.close()
            for server in sockets:
                server.close()
            clock.unlink(missing_ok=True)

    def _owner(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._owner_gone = True
            self._left()

    def _left(self) -> None:
        clients = len(self._clock.participants) + sum(len(port.clients) for port in self._hub.ports.values())
        if self._owner_gone and not clients:
            self._end(0)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """An error that nobody caught: time cannot be trusted any more, so the twin ends and says why."""
        loop.default_exception_handler(context)
        self._end(1)

    def _end(self, code: int) -> None:
        with contextlib.suppress(asyncio.InvalidStateError):
            self._stop.set_result(code)
