"""Our import names collide with other published packages; a shadowed one would drive the wrong instrument."""

from __future__ import annotations

from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

__all__ = ["DISTRIBUTION", "PACKAGES", "ownership_problem"]

DISTRIBUTION = "nanogrid-rig"
PACKAGES = ("rig", "instruments", "testplans", "reports")


def ownership_problem() -> str | None:
    """One sentence naming the distribution that took one of our import names, or None when all are ours."""
    owners = _owners()
    home = Path(__file__).resolve().parent.parent
    for package in PACKAGES:
        others = sorted(set(owners.get(package, [])) - {DISTRIBUTION})
        if others:
            return (
                f"The import name '{package}' is also claimed by {' and '.join(others)}: install {DISTRIBUTION} in a "
                "virtual environment of its own (uninstalling the other one here would delete our files)."
            )
        spec = find_spec(package)
        if spec is not None and spec.origin is None:
            return (
                f"Our files of the package '{package}' are gone, as when another one of that name was removed: "
                f"pip install --force-reinstall {DISTRIBUTION}, in a virtual environment of its own."
            )
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != home:
            found = spec.origin if spec is not None else "nowhere"
            return (
                f"The import name '{package}' resolves to {found}, not to {DISTRIBUTION}: remove what shadows it "
                "from the Python path, or use a virtual environment of its own."
            )
    return None


def _owners() -> dict[str, list[str]]:
    """By import name of ours, the distributions that have installed files of it.

    Their lists of files are searched as text: to take all of them apart, as importlib.metadata does for every import
    name, takes a tenth of a second in each run.
    """
    owners: dict[str, list[str]] = {}
    for one in distributions():
        named, files = (one.read_text("top_level.txt") or "").split(), "\n" + (one.read_text("RECORD") or "")
        for package in PACKAGES:
            if package in named or f"\n{package}/" in files or f"\n{package}.py," in files:
                owners.setdefault(package, []).append(one.metadata["Name"])
    return owners
