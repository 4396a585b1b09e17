"""One contestant of `benchmarks.peers`: runs in its own library's environment and imports nothing else of ours.

    python peer_worker.py CONTESTANT PORT CORE

Prints "ready" with its version, then for each line N read from stdin makes N readings and prints the median in ns.
"""

from __future__ import annotations

import os
import socket
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

Read = Callable[[], object]


def raw(port: int) -> tuple[Read, str]:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read() -> float:
        sock.sendall(b"MEAS:VOLT?\n")
        return float(sock.recv(4096))

    return read, "one send, one recv"


def pyvisa_py(port: int) -> tuple[Read, str]:
    import pyvisa

    resource = pyvisa.ResourceManager("@py").open_resource(f"TCPIP::127.0.0.1::{port}::SOCKET")
    resource.read_termination = resource.write_termination = "\n"
    return lambda: float(resource.query("MEAS:VOLT?")), f"pyvisa-py {version('pyvisa-py')}"


def ours(port: int) -> tuple[Read, str]:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from instruments.clock import WallClock
    from instruments.link import VisaLink
    from instruments.supplies.ea_psb9000 import EaPsb9000
    from rig.record.wire import WireLog

    clock = WallClock()
    tap = WireLog(Path(tempfile.mkdtemp()) / "supply.jsonl", clock)
    link = VisaLink(f"TCPIP::127.0.0.1::{port}::SOCKET", name="supply", tap=tap, clock=clock)
    link.open()
    return EaPsb9000(link).measure, "driver measure(), volts and amperes, transcript on"


def pymeasure(port: int) -> tuple[Read, str]:
    from pymeasure.instruments.keysight import KeysightE36312A

    supply = KeysightE36312A(
        f"TCPIP::127.0.0.1::{port}::SOCKET", visa_library="@py", read_termination="\n", write_termination="\n"
    )
    return lambda: supply.ch_1.voltage, f"pymeasure {version('pymeasure')}, KeysightE36312A.ch_1.voltage"


def qcodes(port: int) -> tuple[Read, str]:
    from qcodes.instrument_drivers.rigol import RigolDP832

    supply = RigolDP832("supply", f"TCPIP::127.0.0.1::{port}::SOCKET", visalib="@py", terminator="\n")
    return supply.ch1.voltage.get, f"QCoDeS {version('qcodes')}, RigolDP832.ch1.voltage"


def instrumentkit(port: int) -> tuple[Read, str]:
    from instruments.hp import HPe3631a

    supply = HPe3631a.open_tcpip("127.0.0.1", port)
    supply.terminator = "\n"
    return lambda: supply.voltage_sense, f"InstrumentKit {version('instrumentkit')}, HPe3631a.voltage_sense"


def main() -> int:
    name, port, core = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.sched_setaffinity(0, {core})
    warnings.simplefilter("ignore")
    read, about = globals()[name](port)
    value = read()
    print(f"ready {about} ({value})", flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter_ns()
            read()
            times.append(time.perf_counter_ns() - start)
        print(statistics.median(times), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
