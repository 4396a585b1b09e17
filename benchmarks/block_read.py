"""What a block costs: 8 MiB of random bytes by our link, by a bare recv_into loop, by pyvisa-py, all on one core.

    python -m benchmarks.block_read [--rounds 41]

Client and server share one core. Rounds are shuffled; the bare loop runs twice (A/A): when its two medians differ by
more than 5 % the run is void. The transcript is on for our link, so its checksum of the block is in the figure.
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

import numpy as np
import pyvisa

from benchmarks.answering import answering
from instruments.clock import WallClock
from instruments.link import VisaLink
from rig.record.wire import WireLog

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvisa.resources import MessageBasedResource

COMMAND, LENGTH = b"DATA?\n", 8 << 20
HEADER = b"#9%09d" % LENGTH
BARE, AGAIN, OURS, THEIRS = "bare recv_into", "bare recv_into again (A/A)", "our link, transcript on", "pyvisa-py"
LEAST_OF_BARE, LEAST_OF_THEIRS = 0.5, 10.0


def bare_read(port: int) -> Callable[[], object]:
    sock = socket.create_connection(("127.0.0.1", port))
    room = memoryview(bytearray(len(HEADER) + LENGTH + 1))

    def read() -> object:
        sock.sendall(COMMAND)
        done = 0
        while done < len(room):
            done += sock.recv_into(room[done:])
        return room

    return read


def pyvisa_read(port: int) -> Callable[[], object]:
    opened = pyvisa.ResourceManager("@py").open_resource(f"TCPIP::127.0.0.1::{port}::SOCKET", timeout=60_000)
    resource = cast("MessageBasedResource", opened)
    resource.read_termination = resource.write_termination = "\n"
    command = COMMAND.decode().rstrip()
    return lambda: resource.query_binary_values(command, datatype="B", container=np.ndarray)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41)
    options = parser.parse_args()

    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    block = HEADER + random.randbytes(LENGTH) + b"\n"
    with answering(lambda _: block, core) as port, tempfile.TemporaryDirectory() as directory:
        clock = WallClock()
        tap = WireLog(Path(directory) / "scope.jsonl", clock)
        link = VisaLink(f"TCPIP::127.0.0.1::{port}::SOCKET", name="scope", tap=tap, clock=clock)
        link.open()
        command = COMMAND.decode().rstrip()
        contestants: dict[str, Callable[[], object]] = {
            BARE: bare_read(port),
            AGAIN: bare_read(port),
            OURS: lambda: link.query_block(command),
            THEIRS: pyvisa_read(port),
        }
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(options.rounds + 1):  # the first warms up and does not count
            for name in random.sample(list(contestants), len(contestants)):
                start = time.perf_counter_ns()
                contestants[name]()
                times[name].append((time.perf_counter_ns() - start) / 1e6)
        link.close()
        tap.close()

    figures = {name: statistics.median(rounds[1:]) for name, rounds in times.items()}
    print(f"core {core}, Python {platform.python_version()}, pyvisa-py {version('pyvisa-py')}")
    print(f"{LENGTH >> 20} MiB, {options.rounds} shuffled rounds; medians")
    for name, figure in figures.items():
        print(f"{name:28s}{figure:8.2f} ms {LENGTH / figure / 1e3:8.0f} MB/s")
    control = figures[AGAIN] / figures[BARE]
    if abs(control - 1) > 0.05:
        print(f"VOID: the A/A control is {control:.2f}, not 1")
        return 2
    of_bare, of_theirs = figures[BARE] / figures[OURS], figures[THEIRS] / figures[OURS]
    print(f"A/A control {control:.2f}; our link {of_bare:.2f} x bare (at least {LEAST_OF_BARE}), ", end="")
    print(f"{of_theirs:.0f} x pyvisa-py (at least {LEAST_OF_THEIRS:g})")
    return 0 if of_bare >= LEAST_OF_BARE and of_theirs >= LEAST_OF_THEIRS else 1


if __name__ == "__main__":
    sys.exit(main())
