"""The truth socket, for tests alone: what really happened, and how to break something. The rig never opens it.

    {"op": "summary"}                                    -> what is on, closed and energised now
    {"op": "value", "probe": "port_voltage"}             -> {"value": x}
    {"op": "peak", "probe": P, "from_ps": a, "to_ps": b} -> {"value": x, "t_ps": t}    also integral, i2t
    {"op": "energy", "volts": P, "amps": P, ...}         -> {"value": J}
    {"op": "crossings", "probe": P, "level": x, ...}     -> {"crossings": [[t_ps, +1 or -1], ...]}
    {"op": "log"}                                        -> {"lines": [...], "sha256": ...}
    {"op": "fault", "fault": F, "part": P, ...}          -> {"number": n}; as in a scene, now unless `at` is later
    {"op": "end", "number": n}                           -> {"ended": n}; the fault is gone
    {"op": "press", "command": C}                        -> the device's button or remote: reset, reboot, off, on

A probe is a name of the world (port_voltage, ...) or v(node), v(a,b), i(element), slope(branch). A window defaults to
the whole past. An error is {"error": sentence}.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from rig.twin.clock import BenchTime
from rig.twin.engine import truth
from rig.twin.engine.network import NetworkError
from rig.twin.engine.probe import Probe, i, slope, v
from rig.twin.json_lines import Client
from rig.twin.scene.fault_checks import check_faults
from rig.twin.scene.faults import FAULTS, Fault
from rig.twin.wire.hub import Hub
from rig.twin.world import World

_PROBE = re.compile(r"(v|i|slope)\(([^(),]+)(?:,([^(),]+))?\)\Z")


class TruthServer:
    """Answers from the world itself; a request first catches up with the wall when time runs by itself."""

    def __init__(self, world: World, time: BenchTime, hub: Hub) -> None:
        self._world, self._time, self._hub = world, time, hub
        self._bench = world.scene.bench.model_dump()
        self._operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "summary": lambda _: asdict(world.summary()) | {"now_ps": world.sim.now_ps},
            "value": lambda m: {"value": world.sim.value(self._probe(m["probe"]))},
            "peak": self._peak,
            "integral": lambda m: {"value": truth.integral(world.sim, self._probe(m["probe"]), *self._window(m))},
            "i2t": lambda m: {"value": truth.i2t(world.sim, self._probe(m["probe"]), *self._window(m))},
            "energy": self._energy,
            "crossings": self._crossings,
            "log": lambda _: {"lines": world.sim.events.lines, "sha256": world.sim.log_sha256()},
            "fault": self._fault,
            "end": self._end,
            "press": self._press,
        }

    def joined(self, client: Client) -> None:
        """Tests come and go without any effect on time."""

    def left(self, client: Client) -> None:
        """See joined."""

    def asked(self, client: Client, message: dict[str, Any]) -> None:
        operation = self._operations.get(str(message.get("op")))
        if operation is None:
            client.refuse(f"unknown op {message.get('op')!r}; write one of {', '.join(self._operations)}")
            return
        try:
            self._hub.drain()
            self._time.catch_up()
            client.reply(**operation(message))
        except KeyError as error:
            client.refuse(f"{message['op']}: {error.args[0]!r} is missing or unknown")
        except (ValueError, TypeError, NetworkError) as error:
            client.refuse(f"{message['op']}: {error}")

    def _probe(self, text: str) -> Probe:
        if text in self._world.probes:
            return self._world.probes[text]
        match = _PROBE.match(text)
        if match is None:
            raise ValueError(f"{text!r} is no probe; write v(node), i(element) or {', '.join(self._world.probes)}")
        kind, name, reference = match.groups()
        if kind == "v":
            return v(name, reference or "0")
        return i(name) if kind == "i" else slope(name)

    def _window(self, message: Mapping[str, Any]) -> tuple[int, int]:
        return int(message.get("from_ps", 0)), int(message.get("to_ps", self._world.sim.now_ps))

    def _peak(self, message: Mapping[str, Any]) -> dict[str, Any]:
        value, t_ps = truth.peak(self._world.sim, self._probe(message["probe"]), *self._window(message))
        return {"value": value, "t_ps": t_ps}

    def _energy(self, message: Mapping[str, Any]) -> dict[str, Any]:
        volts, amps = self._probe(message["volts"]), self._probe(message["amps"])
        return {"value": truth.energy(self._world.sim, volts, amps, *self._window(message))}

    def _crossings(self, message: Mapping[str, Any]) -> dict[str, Any]:
        probe, level = self._probe(message["probe"]), float(message["level"])
        return {"crossings": truth.crossings(self._world.sim, probe, level, *self._window(message))}

    def _fault(self, message: Mapping[str, Any]) -> dict[str, Any]:
        raw = {key: value for key, value in message.items() if key != "op"}
        if raw["fault"] in FAULTS and FAULTS[raw["fault"]].wired:
            raise ValueError(f"{raw['fault']} is how the bench is wired; write it into the scene")
        mistakes = [f"{path[-1]}: {text}" for path, text in check_faults(self._bench | {"faults": [raw]})]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return {"number": self._world.faults.schedule(Fault.model_validate(raw))}

    def _end(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._world.faults.end(message["number"])
        return {"ended": message["number"]}

    def _press(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._world.device.command(str(message["command"]))
        return {"pressed": message["command"]}
