"""What happens only sometimes: a contact that is loose, solder that has cracked."""

from rig.twin.draw import stream


class Seldom:
    """Whether it happens this time: in `share` of all times, drawn by seed, each time by itself."""

    def __init__(self, seed: int, name: str, share: float) -> None:
        self._seed, self._name, self._share = seed, f"{name} happens", share
        self._asked = 0

    def __call__(self) -> bool:
        if not self._share:
            return False
        self._asked += 1
        return bool(stream(self._seed, self._name, self._asked).uniform() < self._share)
