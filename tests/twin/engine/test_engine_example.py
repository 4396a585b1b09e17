"""The example in the docstring of rig.twin runs, and shows what it says."""

from textwrap import dedent

import pytest

import rig.twin


def test_the_example_runs():
    example = "".join(line + "\n" for line in rig.twin.__doc__.splitlines() if not line or line.startswith("    "))
    names = {}
    exec(dedent(example), names)
    sim = names["sim"]
    trips = [line for line in sim.events.lines if line.endswith("breaker trips")]
    assert len(trips) == 1
    tripped = int(trips[0].split()[0])
    assert 50_003_000_000 < tripped < 50_010_000_000
    assert 50_000_000_000 < names["when_ps"] <= tripped
    assert 20.0 < names["top"] < 1000.0
    assert 0.0 < names["joule_integral"] < names["top"] ** 2 * 10e-6
    assert names["window"].shape == (2, 500)
    assert names["window"][0, 0] == pytest.approx(48.0, abs=0.2)
    assert names["supply"].on


def test_every_public_name_is_there():
    for name in rig.twin.__all__:
        assert getattr(rig.twin, name) is not None
