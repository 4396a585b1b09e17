"""An amplifier in a bench file: what it amplifies, and where it lies."""

from __future__ import annotations

from rig.files.bench import Bench
from rig.files.document import load_data, resolve


def told(**left_out: object) -> list[str]:
    data, _ = load_data(resolve("benches", "full"))
    plain = {key: value for key, value in data.items() if key not in left_out}
    roles = {role: name for role, name in plain["roles"].items() if role not in left_out}
    return [f"{'.'.join(map(str, path))}: {text}" for path, text in Bench.cross_check({**plain, "roles": roles})]


def test_it_needs_a_generator_and_a_series_switch():
    assert told() == []
    assert told(generator=None) == ["amplifier: amplifies nothing: name the waveform generator in roles, as generator"]
    assert told(series_switch=None) == [
        "amplifier: lies behind the series switch, and this bench has none: describe it (series_switch)"
    ]
