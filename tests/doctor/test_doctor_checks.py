"""Each finding and what the doctor says of it; environments are made up, so any computer can be tried."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from rig.bench.locks import kept_folder
from rig.doctor import Device, Environment, Folder, check, look
from rig.doctor.table import print_checks

HEALTHY = Environment(
    python="3.11.7",
    python_wanted=">=3.11",
    system="Linux",
    required=("numpy<3,>=2.3", "pyvisa-py<0.9,>=0.8.1"),
    versions={"numpy": "2.4.6", "pyvisa-py": "0.8.1", "pyserial": None, "zeroconf": "0.150.0"},
    ownership=None,
    visa=("py",),
    sockets="",
    runs=Folder(Path("runs"), free_bytes=80 << 30),
    locks=Folder(Path("/home/lab/.local/state/nanogrid-rig")),
    temporary=Folder(Path("/tmp")),
    open_files=1024,
    clock="tsc",
    clock_resolution_s=1e-9,
    processors=2,
    threads="1",
    programs={"ngspice": "/usr/bin/ngspice", "chromium": None},
)


def found(**changes: object) -> dict[str, tuple[str, str, str]]:
    return {one.name: (one.mark, one.said, one.cure) for one in check(replace(HEALTHY, **changes))}


def wrong(**changes: object) -> tuple[str, str, str]:
    """The only cross."""
    ((name, (_, said, cure)),) = [(name, line) for name, line in found(**changes).items() if line[0] == "wrong"]
    return name, said, cure


def test_a_healthy_computer_has_no_cross():
    lines = found()
    assert {mark for mark, _, _ in lines.values()} == {"ok", "not needed"}
    assert lines["packages"] == ("ok", "2 needed, all in the tested ranges", "")
    assert lines["pyserial"][:2] == ("not needed", "missing, finds serial ports: pip install 'nanogrid-rig[discovery]'")
    assert lines["zeroconf"] == ("ok", "0.150.0, finds HiSLIP instruments, by mDNS", "")
    assert lines["ngspice"] == ("ok", "/usr/bin/ngspice; development only", "")
    assert lines["chromium"][0] == "not needed"


DENIED = (Device("/dev/ttyUSB0", "dialout", usable=True), Device("/dev/ttyUSB1", "dialout", usable=False))


@pytest.mark.parametrize(
    ("changes", "name", "said", "cure"),
    [
        ({"python": "3.10.2"}, "Python", "3.10.2, needs >=3.11", "install Python 3.11"),
        ({"python_wanted": ""}, "installation", "is not installed here", "make demo"),
        ({"system": "Darwin"}, "system", "Darwin: energised runs are Linux only", "use a Linux computer"),
        (
            {"versions": {"numpy": "2.4.6", "pyvisa-py": "0.9.0"}},
            "pyvisa-py",
            "0.9.0, tested with <0.9,>=0.8.1",
            "pip install 'pyvisa-py<0.9,>=0.8.1'.",
        ),
        (
            {"versions": {"pyvisa-py": "0.8.1"}},
            "numpy",
            "missing, tested with <3,>=2.3",
            "pip install 'numpy<3,>=2.3'.",
        ),
        (
            {"ownership": "The import name 'instruments' is also claimed by instrumentkit: use another environment."},
            "package names",
            "The import name 'instruments' is also claimed by instrumentkit",
            "use another environment.",
        ),
        ({"visa": ()}, "VISA", "no back-end pyvisa-py", "pip install pyvisa-py."),
        ({"serial": DENIED}, "serial ports", "no permission for /dev/ttyUSB1", "add yourself to the group dialout"),
        (
            {"usb": (Device("/dev/usbtmc0", "root", usable=False),)},
            "USB instruments",
            "no permission for /dev/usbtmc0",
            'add the udev rule SUBSYSTEM=="usbmisc"',
        ),
        ({"sockets": "Operation not permitted"}, "sockets", "Operation not permitted", "allow sockets on 127.0.0.1"),
        ({"runs": Folder(Path("runs"), "/x is not writable")}, "run folder", "/x is not writable", "--out"),
        ({"runs": Folder(Path("runs"), free_bytes=10**8)}, "run folder", "0.1 GB free for runs", "free 1 GB"),
        ({"locks": Folder(Path("/l"), "/ is not writable")}, "lock folder", "/ is not writable", "XDG_STATE_HOME"),
        ({"locks": Folder(Path("/l"), mode=0o777)}, "lock folder", "can be written by others", "chmod 700 /l."),
        ({"temporary": Folder(Path("/" + "x" * 80))}, "temporary folder", "81 characters are too long", "set TMPDIR"),
        ({"temporary": Folder(Path("/t"), "full")}, "temporary folder", "full", "set TMPDIR"),
        ({"open_files": 128}, "open files", "at most 128, needs 256", "ulimit -n 1024"),
        ({"clock_resolution_s": 0.016}, "clock", "tsc, resolution 0.016 s", "monotonic clock"),
    ],
)
def test_a_cross_says_what_is_wrong_and_its_cure(changes, name, said, cure):
    seen = wrong(**changes)
    assert seen[0] == name
    assert said in seen[1]
    assert cure in seen[2]
    assert seen[2].endswith(".") or name == "USB instruments"


def test_what_is_there_but_not_needed():
    lines = found(visa=("py", "ivi"), threads=None, open_files=-1, serial=DENIED[:1])
    assert lines["other VISA"][0] == "ok"
    assert lines["numeric threads"][0] == "not needed"
    assert lines["open files"][1] == "no limit"
    assert lines["serial ports"] == ("ok", "/dev/ttyUSB0", "")


def test_this_computer_is_looked_at_without_making_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    seen = look(tmp_path / "runs")
    assert (seen.python_wanted, seen.ownership, seen.sockets) == (">=3.11", None, "")
    assert seen.versions["pyvisa-py"] is not None
    assert seen.locks.path == kept_folder()
    assert (seen.runs.trouble, seen.runs.free_bytes > 0) == ("", True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "runs").write_text("")
    assert look(tmp_path / "runs").runs.trouble == f"{tmp_path / 'runs'} is a file"


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fold_and_stay_text(width):
    out = io.StringIO()
    lines = check(replace(HEALTHY, sockets="[red]no\x1b[0m " + "long " * 40))
    print_checks(lines, Console(file=out, width=width, color_system=None, force_terminal=True))
    text = out.getvalue()
    assert "✗ sockets          [red]no�[0m long" in text
    assert "→ allow sockets on 127.0.0.1" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= width
    assert text.rstrip().endswith("1 to put right.")
