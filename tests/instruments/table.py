"""The table of supported models, made of what the drivers, the pairs and the transcripts say themselves.

python -m tests.instruments.table > docs/instruments.md
"""

import importlib
import json
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

from instruments.catalogue import FAMILIES, driver_options, load_driver
from instruments.clock import WallClock
from instruments.records import NetworkAddress
from tests.instruments import pairs, transcript
from tests.instruments.contract.circuit import Remembered
from tests.instruments.contract.families import FAMILIES as PROVED
from tests.instruments.contract.stand import Stand

HERE = Path(__file__).parent
HEAD = """\
# Supported instruments

Made by `python -m tests.instruments.table` from the drivers, their command/reply pairs and their transcripts; a test
keeps it so. [Add an instrument](add-an-instrument.md) says how a family comes onto this page.

**No driver here has been proved on real hardware by us yet.** *Commands checked* counts the commands that the driver
sends in its contract suite and that a maker's manual or a public source shows, out of all it sends; the sources are in
`tests/instruments/pairs/`, the rest is marked synthetic there and named in the driver. *Figures checked* counts the
rows of accuracy data that were read in the maker's own data sheet or manual; a verdict that rests on others is marked.
*Proved against*: the player of a recorded conversation, the simulated instrument, a serial line (pseudo terminal).
`--instrument` runs the same suite on a real one, and `rig scan` finds it. Below the table: what each takes under
`options:` in a bench file, written with the value that holds without.

| driver | models | roles | speaks | commands checked | figures checked | proved against |
|---|---|---|---|---|---|---|
"""
SECOND = {
    True: "serves a second client beside the first",
    False: "one client at a time",
    None: "whether it serves a second client is not known",
}


def title(module):
    """What a driver's module calls itself."""
    return module.__doc__.split("\n", 1)[0].rstrip(".")


def unverified(module):
    """Its own sentences on what nobody could check."""
    found = re.search(r"Not verified[^:]*: (.+?)(?:\n\n|\Z)", module.__doc__, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def options(driver):
    """What a bench file may write under `options:`, each as it is without."""
    return ", ".join(
        f"`{name}: {json.dumps(one.default)}`{choice(one.annotation)}" for name, one in driver_options(driver).items()
    )


def choice(kind):
    """The values that an option is limited to, beyond its type."""
    values = get_args(kind) if get_origin(kind) is Literal else ()
    return f" (of {', '.join(str(value) for value in values)})" if values else ""


def accuracy(family):
    """The rows of accuracy of the model whose conversation was recorded."""
    _, cases = transcript.load_cases(HERE / "transcripts" / f"{family.name}.jsonl")
    server = transcript.play(next(iter(cases.values())), modbus=family.modbus)
    stand = Stand(family, NetworkAddress(server.address, server.stream_port), WallClock(), Remembered())
    try:
        return stand.connect().accuracy
    finally:
        for driver in stand.opened:
            driver.close()
        server.finish()  # the rest of the conversation is of no interest here


def rows():
    for name, family in FAMILIES.items():
        module = importlib.import_module(f"instruments.{family.driver.split(':')[0]}")
        found = pairs.coverage(name)
        sent = len(found.verified) + len(found.synthetic) + len(found.missing)
        proved = [one for one in PROVED if one.driver == name]
        figures = accuracy(proved[0])
        read = sum(row.verified for row in figures)
        against = ["player", "twin", *(["pty"] if any(one.serial for one in proved) else [])]
        yield (
            name,
            module,
            {
                "driver": f"`{name}`",
                "models": title(module),
                "roles": ", ".join((*family.roles, *(f"({role})" for role in family.also))),
                "speaks": f"{family.speaks}, port {family.port}",
                "commands": f"{len(found.verified)} of {sent}",
                "figures": f"{read} of {len(figures)}" if figures else "none stated",
                "proved": ", ".join(against),
            },
        )


def page():
    table, notes = [], ["\n## What each can do, and what nobody could check\n"]
    for name, module, row in rows():
        table.append(f"| {' | '.join(row.values())} |")
        driver = load_driver(name)
        can = ", ".join(sorted(driver.capabilities)) or "nothing beyond its role"
        notes.append(f"**{name}**: {can}; {SECOND[driver.second_client]}.")
        if taken := options(driver):
            notes.append(f"Options: {taken}.")
        if text := unverified(module):
            notes.append(f"Not verified: {text}")
        notes.append("")
    return HEAD + "\n".join(table) + "\n" + "\n".join(notes).rstrip() + "\n"


if __name__ == "__main__":
    print(page(), end="")
