"""Nothing that the catalogue offers is left out of the proof, and nothing is kept that belongs to nobody."""

from typing import get_args

import pytest

from instruments import catalogue
from instruments.roles import Capability
from tests.instruments.contract.conftest import TRANSCRIPTS, transcript_of
from tests.instruments.contract.families import FAMILIES


def test_every_family_of_the_catalogue_is_proved_in_its_roles():
    offered = {(name, role) for name, family in catalogue.FAMILIES.items() for role in family.roles}
    assert offered - {(family.driver, family.role) for family in FAMILIES} == set()


def test_every_transcript_and_every_file_of_pairs_belongs_to_a_family():
    kept = {path.name for path in TRANSCRIPTS.iterdir()}
    known = {transcript_of(family, kind).name for family in FAMILIES for kind in ("twin", "instrument")}
    assert kept - known == set()
    pairs = {path.stem for path in (TRANSCRIPTS.parent / "pairs").iterdir()}
    assert pairs == {family.driver for family in FAMILIES}


@pytest.mark.parametrize("name", sorted(catalogue.FAMILIES))
def test_a_driver_names_capabilities_that_a_plan_can_ask_for(name):
    capabilities = catalogue.load_driver(name).capabilities
    assert capabilities <= set(get_args(Capability))
    assert capabilities
