"""The rig must not be able to know the answer: its process opens no scene file and no truth socket."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.run.conftest import environment

SPY = """
import json, os, sys
seen = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        seen.append(["open", os.fsdecode(arguments[0])])
    elif event == "socket.connect":
        seen.append(["connect", str(arguments[1])])
sys.addaudithook(hook)
from rig.cli import main
try:
    main()
finally:
    with open(os.environ["SPY_OUT"], "w") as file:
        json.dump(seen, file)
"""


def test_the_rig_process_opens_no_scene_and_no_truth(tmp_path):
    scene = tmp_path / "my-scene.yaml"
    scene.write_text("schema: 1\nname: mine\nextends: slow-trip\n")
    arguments = ["run", "protection", "-k", "short", "--scene", str(scene), "--out", "run"]
    done = subprocess.run(
        [sys.executable, "-c", SPY, *arguments],
        cwd=tmp_path, env={**environment(), "SPY_OUT": str(tmp_path / "seen.json")}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    seen = json.loads((tmp_path / "seen.json").read_text())
    opened = [path for kind, path in seen if kind == "open"]
    connected = [path for kind, path in seen if kind == "connect"]
    assert any(path.endswith("journal.jsonl") for path in opened), "the spy sees what the rig opens"
    assert any("clock.sock" in path for path in connected), "the spy sees where the rig connects"
    assert [path for path in opened if "scene" in path and path.endswith((".yaml", ".yml"))] == []
    assert [path for path in opened + connected if "truth" in path] == []
