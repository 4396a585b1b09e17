"""What each finding means: one line a matter, and for what is wrong its cure in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from rig.companions import COMPANIONS, CURE

if TYPE_CHECKING:
    from rig.doctor.environment import Device, Environment, Folder

__all__ = ["Check", "Mark", "check"]

Mark = Literal["ok", "wrong", "not needed"]
LEAST_FREE = 1 << 30  # bytes; the run folder of a whole plan has some tens of MB, a campaign a thousand of them
LEAST_FILES = 256  # descriptors; a run with its twin, transcripts and captures stays below 100
COARSEST_S = 1e-3
LONGEST_TEMPORARY = 60  # characters; a Unix socket's whole path has at most 107
_USES = {"ngspice": "to check the engine against it", "chromium": "to look at reports in tests"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `cure` is a sentence where the mark is "wrong", else empty."""

    name: str
    mark: Mark
    said: str
    cure: str = ""


def check(found: Environment) -> list[Check]:
    """Every matter, in the order in which a person would put things right."""
    return [
        *_installation(found),
        *_packages(found),
        *_instruments(found),
        *_system(found),
        *_development(found),
    ]


def _installation(found: Environment) -> Iterator[Check]:
    wanted = found.python_wanted
    if not wanted:
        cure = "install it into a virtual environment: `make demo`, or pip install nanogrid-rig."
        yield Check("installation", "wrong", "the distribution nanogrid-rig is not installed here", cure)
    elif found.python in SpecifierSet(wanted, prereleases=True):
        yield Check("Python", "ok", found.python)
    else:
        yield Check("Python", "wrong", f"{found.python}, needs {wanted}", "install Python 3.11 and make a new .venv.")
    if found.system == "Linux":
        yield Check("system", "ok", "Linux")
    else:
        cure = "use a Linux computer beside the bench; planning, measuring files and reports work here too."
        yield Check("system", "wrong", f"{found.system}: energised runs are Linux only", cure)
    if found.ownership is None:
        yield Check("package names", "ok", "rig, instruments, testplans, reports are ours")
    else:
        yield _from_sentence("package names", found.ownership)


def _packages(found: Environment) -> Iterator[Check]:
    wrong = False
    for requirement in map(Requirement, found.required):
        version = found.versions.get(requirement.name)
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            wrong = True
            said = f"{version or 'missing'}, tested with {requirement.specifier}"
            yield Check(requirement.name, "wrong", said, f"pip install '{requirement}'.")
    if found.required and not wrong:
        yield Check("packages", "ok", f"{len(found.required)} needed, all in the tested ranges")
    required = {Requirement(one).name for one in found.required}
    for one in COMPANIONS:
        version = found.versions.get(one.package)
        if one.package in required:
            continue  # judged above
        if version is None:
            yield Check(one.package, "not needed", f"missing, finds {one.finds}: {CURE}")
        else:
            yield Check(one.package, "ok", f"{version}, finds {one.finds}")


def _instruments(found: Environment) -> Iterator[Check]:
    if "py" in found.visa:
        yield Check("VISA", "ok", "pyvisa-py")
    else:
        yield Check("VISA", "wrong", "no back-end pyvisa-py", "pip install pyvisa-py.")
    others = [name for name in found.visa if name != "py"]
    if others:
        yield Check("other VISA", "ok", f"{', '.join(others)}; the rig uses pyvisa-py")
    else:
        yield Check("other VISA", "not needed", "none")
    yield _devices("serial ports", found.serial, "add yourself to the group {group} (usermod -aG) and log in again.")
    rule = 'SUBSYSTEM=="usbmisc", KERNEL=="usbtmc*", MODE="0660", GROUP="plugdev"'
    yield _devices("USB instruments", found.usb, f"add the udev rule {rule} and plug it in again.")


def _system(found: Environment) -> Iterator[Check]:
    if found.sockets:
        cure = "allow sockets on 127.0.0.1 and Unix sockets (container, sandbox, firewall)."
        yield Check("sockets", "wrong", found.sockets, cure)
    else:
        yield Check("sockets", "ok", "loopback and Unix")
    yield _run_folder(found.runs)
    yield _lock_folder(found.locks)
    length = len(str(found.temporary.path))
    if found.temporary.trouble:
        yield Check("temporary folder", "wrong", found.temporary.trouble, "set TMPDIR to a folder that you can write.")
    elif length > LONGEST_TEMPORARY:
        cure = "set TMPDIR to a shorter path, such as /tmp."
        yield Check("temporary folder", "wrong", f"{length} characters are too long for the twin's sockets", cure)
    else:
        yield Check("temporary folder", "ok", str(found.temporary.path))
    if 0 <= found.open_files < LEAST_FILES:  # -1: no limit
        cure = "raise the limit before a run: ulimit -n 1024."
        yield Check("open files", "wrong", f"at most {found.open_files}, needs {LEAST_FILES}", cure)
    else:
        yield Check("open files", "ok", f"at most {found.open_files}" if found.open_files >= 0 else "no limit")
    resolution = f"{found.clock}, resolution {found.clock_resolution_s:g} s"
    if found.clock_resolution_s > COARSEST_S:
        yield Check("clock", "wrong", resolution, "use a computer whose monotonic clock resolves 1 ms.")
    else:
        yield Check("clock", "ok", resolution)
    yield _threads(found)


def _development(found: Environment) -> Iterator[Check]:
    for name, use in _USES.items():
        path = found.programs.get(name)
        yield (
            Check(name, "not needed", f"not found; development only, {use}")
            if path is None
            else Check(name, "ok", f"{path}; development only")
        )


def _run_folder(runs: Folder) -> Check:
    free = f"{runs.free_bytes / 1e9:.1f} GB free for {runs.path}"
    if runs.trouble:
        cure = "change to a folder that you can write, or name one with --out."
        return Check("run folder", "wrong", runs.trouble, cure)
    if runs.free_bytes < LEAST_FREE:
        return Check("run folder", "wrong", free, "free 1 GB there, or name another disk with --out.")
    return Check("run folder", "ok", free)


def _lock_folder(locks: Folder) -> Check:
    if locks.trouble:
        cure = f"make {locks.path} writable for you, or set XDG_STATE_HOME."
        return Check("lock folder", "wrong", locks.trouble, cure)
    if locks.mode & 0o022:
        said = f"{locks.path} can be written by others, who could take a bench's mark away"
        return Check("lock folder", "wrong", said, f"chmod 700 {locks.path}.")
    return Check("lock folder", "ok", str(locks.path))


def _devices(name: str, devices: tuple[Device, ...], cure: str) -> Check:
    barred = [device for device in devices if not device.usable]
    if not devices:
        return Check(name, "not needed", "none plugged in")
    if barred:
        said = f"no permission for {', '.join(device.path for device in barred)}"
        return Check(name, "wrong", said, cure.replace("{group}", barred[0].group))
    return Check(name, "ok", ", ".join(device.path for device in devices))


def _threads(found: Environment) -> Check:
    if found.threads == "1":
        return Check("numeric threads", "ok", "1, by OPENBLAS_NUM_THREADS")
    said = f"{found.threads or 'not set'} on {found.processors} processors; the twin sets 1 for itself"
    return Check("numeric threads", "not needed", f"{said}, OPENBLAS_NUM_THREADS=1 does so for the rig")


def _from_sentence(name: str, sentence: str) -> Check:
    """A sentence "what is wrong: what to do."."""
    said, _, cure = sentence.partition(": ")
    return Check(name, "wrong", said, cure)
