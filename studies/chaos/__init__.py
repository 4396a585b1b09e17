"""How a run ends when its process dies, hangs or is stopped: `python -m studies.chaos`."""
