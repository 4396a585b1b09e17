"""`rig doctor` as typed, and a rig that cannot even start."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.run.conftest import environment


def rig(tmp_path, *arguments: str, before: str = "pass") -> subprocess.CompletedProcess[str]:
    code = f"import sys; {before}; from rig.entry import main; sys.argv[0] = 'rig'; main()"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)


def test_the_command_ends_with_2_exactly_when_something_needed_is_wrong(tmp_path):
    done = rig(tmp_path, "doctor", "--json")
    document = json.loads(done.stdout)
    crosses = [one["name"] for one in document["checks"] if one["mark"] == "wrong"]
    assert (done.returncode, document["exit"]) == ((2, 2) if crosses else (0, 0))
    assert {"Python", "packages", "package names", "VISA"} <= {one["name"] for one in document["checks"]}
    assert "Traceback" not in done.stderr


def test_a_rig_that_cannot_start_says_what_is_wrong_without_a_traceback(tmp_path):
    """As after a package of another maker has put its own `instruments` over ours."""
    done = rig(tmp_path, "plan", before="sys.modules['instruments'] = None")
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first.startswith("rig cannot start: ModuleNotFoundError: No module named 'instruments.")
    assert second.startswith("package names: The import name 'instruments' resolves to nowhere, not to nanogrid-rig; ")
    assert "Traceback" not in done.stderr
