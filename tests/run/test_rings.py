"""The plan on a node of a ring, which the bench feeds at another node, while it looks at the lamp of a third."""

from __future__ import annotations

from tests.run.test_feeding import judged

ASKED = ("run", "source_port", "--bench", "full", "--device", "ring-node", "-k", "SC-08", "--out", "run")
JUMPY = """others: {south: {device: {ports: {a: {
  switch: {soft_start: 50 ms}, guards: {under: {off: 53.75 V, on: 53.8 V, debounce: 0 s}}}}}}}"""


def test_a_short_at_one_node_that_puts_the_lamp_of_another_out_fails(rig, tmp_path):
    """The lamp's node takes a dip of a quarter of a volt for a power failure."""
    (tmp_path / "scene.yaml").write_text(f"schema: 1\nname: ring\nextends: ring-of-three\n{JUMPY}\n", encoding="utf-8")
    done = rig(*ASKED, "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    (floor,) = judged(tmp_path / "run", "SC-08", "status_floor")
    assert floor["decision"]["verdict"] == "FAIL"
    (came_back,) = judged(tmp_path / "run", "REC-01", "recovery_time")
    assert came_back["decision"]["verdict"] == "PASS"
