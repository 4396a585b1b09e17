"""What one reading costs: our link and driver against pyvisa-py's own query, on one core.

    python benchmarks/driver_read.py [--rounds 21] [--reads 200]

Client and server share one core, because between cores the scheduler hides the client. Rounds are shuffled; the raw
socket runs twice (A/A): when its two medians differ by more than 5 % the run is void. The transcript is on for our
link and driver: rig.record's WireLog, writing to a temporary file.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import socket
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyvisa

from benchmarks.answering import answering
from instruments.clock import WallClock
from instruments.link import VisaLink
from instruments.supplies.ea_psb9000 import EaPsb9000
from rig.record.wire import WireLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvisa.resources import MessageBasedResource

COMMAND, REPLY = b"MEAS:ARR?\n", b"48.00 V, 1.20 A, 57.6 W\n"
AIM = 1.3


def raw_query(port: int) -> Callable[[], object]:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read() -> object:
        sock.sendall(COMMAND)
        return sock.recv(4096)

    return read


def pyvisa_query(port: int) -> Callable[[], object]:
    opened = pyvisa.ResourceManager("@py").open_resource(f"TCPIP::127.0.0.1::{port}::SOCKET")
    resource = cast("MessageBasedResource", opened)
    resource.read_termination = resource.write_termination = "\n"
    command = COMMAND.decode().rstrip()
    return lambda: resource.query(command)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--reads", type=int, default=200)
    options = parser.parse_args()

    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    with answering(lambda _: REPLY, core) as port, tempfile.TemporaryDirectory() as directory:
        clock = WallClock()
        tap = WireLog(Path(directory) / "supply.jsonl", clock)
        link = VisaLink(f"TCPIP::127.0.0.1::{port}::SOCKET", name="supply", tap=tap, clock=clock)
        link.open()
        driver = EaPsb9000(link)
        command = COMMAND.decode().rstrip()
        contestants: dict[str, Callable[[], object]] = {
            "raw socket": raw_query(port),
            "raw socket again (A/A)": raw_query(port),
            "pyvisa-py query": pyvisa_query(port),
            "our link, transcript on": lambda: link.query(command),
            "our driver measure(), transcript on": driver.measure,
        }
        medians: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(options.rounds + 1):  # the first warms up and does not count
            for name in random.sample(list(contestants), len(contestants)):
                read, times = contestants[name], []
                for _ in range(options.reads):
                    start = time.perf_counter_ns()
                    read()
                    times.append(time.perf_counter_ns() - start)
                medians[name].append(statistics.median(times) / 1e3)
        link.close()
        tap.close()

    figures = {name: statistics.median(rounds[1:]) for name, rounds in medians.items()}
    ours, theirs = figures["our link, transcript on"], figures["pyvisa-py query"]
    print(f"core {core}, Python {platform.python_version()}, pyvisa-py {version('pyvisa-py')}")
    print(f"{options.rounds} shuffled rounds of {options.reads} reads; median of the rounds' medians")
    for name, figure in figures.items():
        print(f"{name:38s}{figure:8.1f} us {figure / theirs:6.2f} x pyvisa-py")
    control = figures["raw socket again (A/A)"] / figures["raw socket"]
    if abs(control - 1) > 0.05:
        print(f"VOID: the A/A control is {control:.2f}, not 1")
        return 2
    print(f"A/A control {control:.2f}; our link {ours / theirs:.2f} x pyvisa-py, aim at most {AIM}")
    return 0 if ours <= AIM * theirs else 1


if __name__ == "__main__":
    sys.exit(main())
