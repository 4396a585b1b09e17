"""The bench file that a twin publishes: the template with the real addresses filled in, comments and order kept."""

import contextlib
import os
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rig.files.document import BadFile, Mistake, load_data
from rig.twin.scene.bench import OPTIONAL
from rig.twin.wire.device_modbus import DeviceAddress
from rig.twin.wire.servers import Address


def check_template(template: Path | Traversable, served: Mapping[str, object], scene: str) -> None:
    """Raises BadFile if the template is no bench of a twin, or names an instrument that `scene` does not simulate."""
    data, locate = load_data(template)
    mistakes = []

    def mistake(path: tuple[str, ...], message: str) -> None:
        place = locate(path)
        mistakes.append(Mistake(place.file, place.line, place.column, ".".join(path), message))

    if data.get("kind") != "twin":
        mistake(("kind",), f"only a bench of kind twin can be simulated, not {data.get('kind')!r}")
    instruments = data.get("instruments")
    if not isinstance(instruments, dict) or not all(isinstance(entry, dict) for entry in instruments.values()):
        mistake(("instruments",), "must be a mapping of names to instruments")
    else:
        for name in instruments:
            if name not in served:
                mistake(("instruments", str(name)), f"scene {scene!r} does not simulate it ({', '.join(served)})")
    if mistakes:
        raise BadFile(mistakes)


def optional_parts(template: Path | Traversable) -> frozenset[str]:
    """Which of the parts that a bench may lack this one has; the others are not there, whatever the scene says."""
    data, _ = load_data(template)
    there = {*data, *data.get("instruments", {}), *data.get("contactors", {})}
    return frozenset(part for part in OPTIONAL if part in there)


def publish(
    template: Path | Traversable,
    out: Path,
    addresses: Mapping[str, Address],
    clock: Path,
    about: Mapping[str, Any],
    link: DeviceAddress | None = None,
) -> None:
    """Write `out` at once and whole, readable by its owner only. `about` goes into the section `twin`, `link` (where
    the device answers) into `device_link`.

    Raises OSError when the place cannot be written.
    """
    data = _read(template.read_text(encoding="utf-8"))
    data.pop("clock", None)
    data.pop("twin", None)
    position = list(data).index("kind") + 1
    data.pop("device_link", None)
    if link is not None:
        data.insert(position, "device_link", {"modbus": link.modbus, "unit": link.unit})
    data.insert(position, "twin", dict(about))
    data.insert(position, "clock", str(clock))
    for name, entry in data["instruments"].items():
        entry["address"] = addresses[name].address
        entry.pop("stream_port", None)
        if addresses[name].stream_port is not None:
            entry["stream_port"] = addresses[name].stream_port
    calibration = data.get("calibration") or {}
    if calibration.get("certificates"):  # they are beside the template, and the published file is elsewhere
        home = Path(str(template)).absolute().parent
        calibration["certificates"] = [str(home / name) for name in calibration["certificates"]]
    text = StringIO()
    _yaml().dump(data, text)
    _replace(out, text.getvalue())


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 4096
    return yaml


def _read(text: str) -> Any:
    """The template with its comments."""
    return _yaml().load(text)


def withdraw(out: Path) -> None:
    """Remove a published file: nobody answers at its addresses any more."""
    with contextlib.suppress(OSError):
        out.unlink()


def _replace(out: Path, text: str) -> None:
    part = out.with_name(f".{out.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  takes over the descriptor and its mode
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        part.replace(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
