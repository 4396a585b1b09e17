"""Equal scene, seed and commands give an equal world."""

import pytest

from rig.files.document import names

SCENES = names("scenes")


def run(operate, scene, seed):
    bench = operate(scene, seed)
    bench.power_up()
    bench.inject("tap_short", 0.1)
    bench.wait(1.0)
    return bench.sim.log_sha256(), bench.volts(), bench.world.summary()


@pytest.mark.parametrize("scene", SCENES)
def test_a_run_repeats_to_the_last_bit(operate, scene):
    assert run(operate, scene, 3) == run(operate, scene, 3)


def test_another_seed_is_another_world(operate):
    assert run(operate, "healthy", 3)[0] != run(operate, "healthy", 4)[0]


def test_scenes_differ(operate):
    assert len({run(operate, scene, 3)[0] for scene in SCENES}) == len(SCENES)
