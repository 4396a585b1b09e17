"""Real instruments named on the command line: --instrument ROLE=RESOURCE,driver=NAME[,OPTION=VALUE ...]."""

import dataclasses
from collections.abc import Iterator

import pytest

from instruments.records import NetworkAddress
from tests.instruments.contract.families import FAMILIES, PLACES, Family

ENERGY = {
    "supply": "its output is switched on at 5 V with a limit of 0.1 A",
    "load": "its input is switched on at 0.1 A or more than 50 ohm",
    "relays": "every relay is switched",
    "lines": "the lines of its row in families.py are driven high and low",
}


def announcements(config: pytest.Config) -> list[str]:
    """What will happen to real terminals, before it does."""
    return [
        f"real instrument: {family.driver} at {address.address}: {ENERGY.get(family.role, 'nothing is driven')}; "
        "NOTHING may be connected to its terminals"
        for family, address in named(config)
    ]


def named(config: pytest.Config) -> Iterator[tuple[Family, NetworkAddress]]:
    """The families and addresses of --instrument. UsageError for what cannot be read."""
    for text in config.getoption("instrument", None) or []:
        role, _, rest = text.partition("=")
        resource, *pairs = rest.split(",")
        options = dict(pair.partition("=")[::2] for pair in pairs)
        driver = options.pop("driver", "")
        if role not in PLACES or not resource or not driver:
            roles = ", ".join(PLACES)
            raise pytest.UsageError(
                f"--instrument {text}: write ROLE=RESOURCE,driver=NAME[,OPTION=VALUE]; ROLE is one of {roles}"
            )
        stream = options.pop("stream_port", None)
        values = {name: int(value) if value.isdecimal() else value for name, value in options.items()}
        row = next((row for row in FAMILIES if (row.driver, row.role) == (driver, role)), Family(driver, role))
        yield dataclasses.replace(row, options=values), NetworkAddress(resource, int(stream) if stream else None)
