"""A process that has imported what `rig` needs, and forks for each command: a process of its own, a second sooner.

One line of JSON a command on its standard input: arguments, folder, environment, and files for standard output and
error. It answers with the child's process id, and with its exit code when it has ended.
"""

from __future__ import annotations

import copy
import gc
import importlib
import json
import os
import runpy
import sys
from dataclasses import replace
from typing import NoReturn

from tests.run.waiting import end_with, take_the_places_of

__all__ = ["main"]


IMPORTED = (
    "pandas", "pyarrow.parquet", "pytest", "scipy.special", "scipy.signal", "matplotlib.figure",
    "matplotlib.backends.backend_svg", "rig.cli", "rig.commands", "rig.run.opening", "rig.run.runner",
    "rig.run.preview", "rig.run.profiles", "rig.run.rejudge", "rig.run.replay", "rig.run.file_command",
    "rig.run.measure_file", "rig.standard", "rig.waveforms", "reports", "rig.guard", "rig.twin.process",
    "instruments.supplies.ea_psb9000", "instruments.loads.siglent_sdl1000x",
    "instruments.recorders.labjack_t", "instruments.relays.waveshare_relay", "instruments.digitizers.rigol_scope",
)  # fmt: skip
"""What most commands import before they do anything."""
DEVICES = ("appliance", "ac-adapter", "charge-controller", "grid-node", "small-battery")
READ = {
    "benches": ("twin", "full"), "devices": ("reference", "limiter", *DEVICES), "limits": ("draft-48v",),
    "clauses": ("draft",), "scenes": ("healthy", *DEVICES[:4], "small-battery"),
}  # fmt: skip
"""And what they read."""


def _carry_out(told: dict) -> NoReturn:
    """In the child: what the console script would do."""

    def command() -> None:
        os.chdir(told["folder"])
        os.environ.clear()
        os.environ.update(told["environment"])
        for number, name in ((1, "out"), (2, "err")):
            target = os.open(told[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(target, number)
            os.close(target)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        _rig(told["arguments"])

    end_with(command)


def _rig(arguments: list[str]) -> None:
    """What the console script would do; ends as that does."""
    sys.argv = ["-c", *arguments]
    if arguments[0] == "run":
        take_the_places_of()
    from rig.cli import main as rig

    rig()


def _lend(told: dict) -> None:
    """Fork who becomes a module of its own, and who waits for its end and writes its exit code down."""
    keeper = os.fork()
    if keeper:
        return
    os.setsid()
    child = os.fork()
    if child:
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        with open(told["code"] + ".part", "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(str(os.waitstatus_to_exitcode(status)))
        os.rename(told["code"] + ".part", told["code"])  # noqa: PTH104
        os._exit(0)

    def become() -> None:
        os.setsid()
        if told["err"] is not None:
            os.dup2(os.open(told["err"], os.O_WRONLY | os.O_APPEND), 2)
        os.dup2(os.open(told["in"], os.O_RDONLY), 0)
        os.dup2(os.open(told["out"], os.O_WRONLY), 1)
        if told["err"] is None:
            os.dup2(1, 2)
        os.closerange(3, 64)
        os.environ.clear()
        os.environ.update(told["environment"])
        os.chdir(told["folder"])
        sys.stdin = os.fdopen(0, closefd=False)
        sys.argv = [told["become"], *told["arguments"]]
        if told["become"] == "rig":
            _rig(told["arguments"])
        runpy.run_module(told["become"], run_name="__main__", alter_sys=True)

    end_with(become)


def _read_once() -> None:
    """Files that have been read here need not be parsed again: a text is always the same data."""
    from rig.files import document
    from rig.twin import bench_file

    parse, known = document.read_yaml, {}

    def read_yaml(text: str, file: str) -> tuple:
        if text not in known:
            known[text] = parse(text, file)
        data, locate = known[text]
        return copy.deepcopy(data), lambda path: replace(locate(path), file=file)

    document.read_yaml = read_yaml
    template, written = bench_file._read, {}

    def read(text: str) -> object:
        if text not in written:
            written[text] = template(text)
        return copy.deepcopy(written[text])

    bench_file._read = read
    for kind, names in READ.items():
        for name in names:
            document.load_data(document.resolve(kind, name))
    for name in READ["benches"]:
        read(document.resolve("benches", name).read_text(encoding="utf-8"))


def main() -> None:
    """Until standard input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    del sys.modules["rig.guard"]  # what it imports has been; it is run as a program itself
    _read_once()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        told = json.loads(line)
        if "become" in told:
            _lend(told)
            continue
        child = os.fork()
        if not child:
            _carry_out(told)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
