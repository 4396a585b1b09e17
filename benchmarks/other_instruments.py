"""The protection plan on the twin with one instrument of its bench after another replaced by another family.

    python -m benchmarks.other_instruments [--only NAME ...] [-k EXPR]

Each row is a whole `rig run` with a bench file and a scene that differ from the twin's in one instrument: driver, model
and, where a family asks for it, options. Prints the table of docs/other-instruments.md; exit 1 if a run ends otherwise
than the row expects.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from rich.console import Console


@dataclass(frozen=True)
class Variant:
    """One instrument exchanged. `ends`: the exit code that is expected, and why if it is not 0."""

    slot: str
    driver: str
    model: str
    ends: int = 0
    why: str = ""
    options: dict[str, object] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    """What the recorder's ranges are called there."""

    @property
    def name(self) -> str:
        return "-".join([self.model.replace("_", "-"), *(f"{name}-{value}" for name, value in self.options.items())])


NO_CURRENT = "the reference device may draw 28.8 A, which this model does not give"
NO_ROOM = "its OVP must stand 5 % above the voltage, and a reversal with 58 V leaves less below 60 V"
VARIANTS = (
    Variant("supply", "ea_ps9000", "ea_ps9000"),
    Variant("supply", "ea_psb9000", "ea_psb10000"),
    Variant("supply", "ea_modbus", "ea_modbus_full", options={"unit": 1}),
    Variant("supply", "keysight_n7900", "keysight_n7900", 3, NO_CURRENT),
    Variant("supply", "rs_ngp800", "rs_ngp800", 3, NO_CURRENT),
    Variant("supply", "tdk_genesys", "tdk_genesys", 3, NO_ROOM),
    Variant("load", "bk_8600", "bk_8600"),
    Variant("load", "itech_it8500", "itech_it8500"),
    Variant("load", "chroma_63600", "chroma_63600", 3, "its channel takes 100 W, half load is more"),
    Variant("load", "ea_el9000", "ea_el9000"),
    Variant("relays", "waveshare_relay", "waveshare_relay16", options={"channels": 16}),
    Variant("daq", "labjack_t8", "labjack_t8", ranges={"10 V": "9.6 V", "1 V": "1.2 V"}),
    Variant("scope", "rigol_mso5000", "rigol_mso5000", 4, "8 bits: some quantities stay undecided"),
    Variant("scope", "siglent_sds2000x", "siglent_sds2000x_plus", 4, "8 bits: some quantities stay undecided"),
    Variant("scope", "siglent_sds2000x", "siglent_sds2000x_plus", options={"bits": 10}),
    Variant("scope", "siglent_sds2000x", "siglent_sds2000x_hd"),
)


def bench_file(variant: Variant) -> str:
    """The twin's bench with the instrument exchanged."""
    text = files("testplans").joinpath("benches/twin.yaml").read_text(encoding="utf-8")
    options = f", options: {json.dumps(variant.options)}" if variant.options else ""
    entry = f'  {variant.slot}: {{driver: {variant.driver}, address: twin, identity: ".*"{options}}}'
    changed, count = re.subn(rf"^  {variant.slot}: {{driver: .*$", lambda _: entry, text, count=1, flags=re.MULTILINE)
    assert count == 1
    for ours, theirs in variant.ranges.items():
        changed = changed.replace(f"range: {ours}", f"range: {theirs}")
    return changed


def scene_file(variant: Variant) -> str:
    return (
        f"schema: 1\nname: {variant.name}\nextends: {{bench: healthy, device: healthy}}\n"
        f"bench:\n  instruments:\n    {variant.slot}: {{model: {variant.model}, latency: 3 ms}}\n"
    )


def run(variant: Variant, expression: str | None, folder: Path) -> tuple[int, dict[str, int], str]:
    """(exit code, verdicts of the cases counted, what went wrong)."""
    bench, scene, out = (folder / f"{variant.name}-{what}" for what in ("bench.yaml", "scene.yaml", "run"))
    bench.write_text(bench_file(variant), encoding="utf-8")
    scene.write_text(scene_file(variant), encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("rig")),
        "run",
        "protection",
        "--bench",
        str(bench),
        "--scene",
        str(scene),
    ]
    command += ["--out", str(out), "--json", *(["-k", expression] if expression else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return done.returncode, {}, done.stderr.strip()[-200:]
    return done.returncode, told["record"]["counts"], told["problem"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("-k", dest="expression")
    options = parser.parse_args()

    console, wrong = Console(stderr=True), 0
    print("| place | driver | the twin's model | exit | verdicts | remark |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for variant in VARIANTS:
            if options.only and variant.name not in options.only:
                continue
            with console.status(f"{variant.slot}: {variant.name}"):
                code, counts, said = run(variant, options.expression, Path(folder))
            unexpected = code != variant.ends
            wrong += unexpected
            verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
            remark = f"UNEXPECTED: {said}" if unexpected else variant.why
            driver = ", ".join([variant.driver, *(f"{name}: {value}" for name, value in variant.options.items())])
            cells = (variant.slot, f"`{driver}`", variant.model, str(code), verdicts, remark)
            print(f"| {' | '.join(cells)} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
