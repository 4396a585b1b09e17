"""A climate chamber in a bench file: it and who controls it belong together, and its ends are in order."""

from __future__ import annotations

import pytest

from rig.files.bench import Bench, Chamber
from rig.files.document import load_data, resolve


def told(section: bool = True, role: bool = True) -> list[str]:
    data, _ = load_data(resolve("benches", "full"))
    plain = {key: value for key, value in data.items() if section or key != "chamber"}
    roles = {name: who for name, who in plain["roles"].items() if role or name != "chamber"}
    return [f"{'.'.join(map(str, path))}: {text}" for path, text in Bench.cross_check({**plain, "roles": roles})]


def test_it_and_who_controls_it_belong_together():
    assert told() == []
    assert told(section=False, role=False) == []
    assert told(role=False) == ["chamber: has nobody to control it: name its controller in roles, as chamber"]
    assert told(section=False) == ["roles.chamber: nobody knows what it can do: describe it (chamber)"]


def test_its_ends_are_in_order():
    own = {"reach": "1 h", "soak": "1 h", "within": "2 K"}
    with pytest.raises(ValueError, match="low must not exceed high"):
        Chamber.model_validate({"low": "60 degC", "high": "-20 degC", **own})
