"""`python -m rig.twin`: the twin's process."""

import argparse
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # Equal seeds must give equal results on any number of cores: set before numpy is imported.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    from rig.twin.process import serve

    parser = argparse.ArgumentParser(prog="rig twin serve", description="A simulated bench behind real sockets.")
    parser.add_argument("--bench", default="twin", help="template of the bench, a NAME or a FILE")
    parser.add_argument("--device", help="chooses the scene when none is named")
    parser.add_argument("--scene", help="the simulated world, a NAME or a FILE")
    parser.add_argument("--seed", type=int, default=0, help="draws the true values")
    parser.add_argument("--pace", type=float, help="bench seconds per wall second; without it time is virtual")
    parser.add_argument("--watchdog", type=float, default=30.0, help="seconds of standstill before it says why")
    parser.add_argument("--write-bench", type=Path, required=True, metavar="OUT", help="where to publish the addresses")
    parser.add_argument("--owned", action="store_true", help="end when standard input ends and nobody is connected")
    sys.exit(serve(**vars(parser.parse_args())))
