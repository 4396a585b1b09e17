"""scene.yaml: the truth of a simulated world. Only the twin reads it, never the rig.

A scene may extend another one, a NAME or a FILE beside it: mappings are merged, lists and values replaced, and null
takes a value away. `extends: {bench: NAME}` takes that section alone: another device on the same bench. The defects
that a scene names are in the values of its device when it has been loaded.
"""

from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from rig.files.document import BadFile, Locate, Mistake, below, display, load_data, nearest, resolve, validate
from rig.twin.scene.defects.apply import apply, chosen
from rig.twin.scene.model import Scene
from rig.twin.scene.others import others_checked

SECTIONS = ("bench", "device")

__all__ = ["Scene", "load_scene", "merge"]


def load_scene(path: Path | Traversable | str, bench: Path | Traversable | None = None) -> Scene:
    """The scene in `path`, merged over those that it extends, on the bench of scene `bench` if one is named.

    What the bench is plugged into, and its faults, stay those of `path`. Raises BadFile with every mistake.
    """
    data, locate = _merged(Path(path) if isinstance(path, str) else path, ())
    if bench is not None:
        other, other_locate = _merged(bench, ())
        own = data.get("bench")
        kept = {key: own[key] for key in ("wiring", "faults") if key in own} if isinstance(own, Mapping) else {}
        data, locate = {**data, "bench": {**other["bench"], **kept}}, nearest(locate, other_locate)
    data, locate = _with_others(path if not isinstance(path, str) else Path(path), data, locate)
    scene = validate(data, locate, Scene)
    wrong = list(others_checked(scene))
    device, found = apply(scene.device, chosen(scene.device.defects))
    wrong += [(("device", "defects", str(name)), sentence) for (name, *_), sentence in found]
    others = {}
    for key, one in scene.others.items():
        changed, found = apply(one.device, chosen(one.device.defects))
        wrong += [(("others", key, "device", "defects", str(name)), sentence) for (name, *_), sentence in found]
        others[key] = one.model_copy(update={"device": changed})
    if wrong:
        places = [(locate(at), ".".join(at), sentence) for at, sentence in wrong]
        raise BadFile([Mistake(place.file, place.line, place.column, at, text) for place, at, text in places])
    return scene.model_copy(update={"device": device, "others": others})


def _with_others(
    path: Path | Traversable, data: dict[Any, Any], locate: Locate
) -> tuple[dict[Any, Any], Locate]:  # fmt: skip
    """The data with the devices of the others in it, each merged over that of the scene which it names."""
    others = data.get("others")
    if not isinstance(others, Mapping):
        return data, locate
    found: dict[Any, Any] = {}
    for name, other in others.items():
        found[name] = other
        own = other.get("device", {}) if isinstance(other, Mapping) else None
        if not isinstance(own, Mapping) or not isinstance(other.get("scene"), str):
            continue  # what validate() reports, if it is wrong
        key = ("others", name, "scene")
        base, base_locate = _base(path, other["scene"], key, locate, (str(path),))
        found[name] = {**other, "device": merge(base.get("device", {}), own)}
        locate = nearest(locate, below(("others", name), base_locate))
    return {**data, "others": found}, locate


def merge(base: Mapping[Any, Any], over: Mapping[Any, Any]) -> dict[Any, Any]:
    """`over` laid on `base`: mappings merge, everything else (null too) replaces."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _merged(path: Path | Traversable, above: Sequence[str]) -> tuple[dict[Any, Any], Locate]:
    data, locate = load_data(path)
    chain = (*above, str(path.resolve() if isinstance(path, Path) else path))
    base = data.get("extends")
    if isinstance(base, str):
        base_data, base_locate = _base(path, base, ("extends",), locate, chain)
        return merge(base_data, data), nearest(locate, base_locate)
    if isinstance(base, Mapping):
        for section, name in base.items():
            if section in SECTIONS and isinstance(name, str):  # all else is what validate() reports
                base_data, base_locate = _base(path, name, ("extends", section), locate, chain)
                data = merge({section: base_data[section]} if section in base_data else {}, data)
                locate = nearest(locate, _only(section, base_locate))
    return data, locate


def _base(
    path: Path | Traversable, base: str, key: tuple[str, ...], locate: Locate, chain: Sequence[str]
) -> tuple[dict[Any, Any], Locate]:
    """The merged data of what the scene in `path` names under `key`."""
    place = locate(key)

    def refuse(message: str) -> BadFile:
        return BadFile([Mistake(place.file, place.line, place.column, ".".join(key), message)])

    try:
        file = _beside(path, base) if Path(base).suffix else resolve("scenes", base)
    except BadFile as error:
        raise refuse(error.mistakes[0].message) from None
    if str(file.resolve() if isinstance(file, Path) else file) in chain:
        raise refuse(f"{display(path)} extends itself by way of {base!r}; break the circle")
    return _merged(file, chain)


def _only(section: str, locate: Locate) -> Locate:
    """The places of one section; all else is at the top of the file."""
    return lambda path: locate(path if path and path[0] == section else ())


def _beside(path: Path | Traversable, base: str) -> Path | Traversable:
    file = path.parent / base if isinstance(path, Path) else Path(base)
    if not file.is_file():
        raise BadFile([Mistake(str(file), 0, 0, "", f"no such file: {display(file)}")])
    return file
