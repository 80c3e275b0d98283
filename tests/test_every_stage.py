"""Every stage, in its default and in the settings of every shipped recipe, passes the conformance suite."""

import pytest

from cci_tools.cleaning.stage import Cleaning
from cci_tools.compliance.stage import Compliance
from cci_tools.decontamination.stage import Decontamination
from cci_tools.dedup.stages import Dedup
from cci_tools.quality.stage import Quality
from cci_tools.recipe import load_recipe
from cci_tools.resources import folder
from cci_tools.testing import check_stage

DEFAULTS = [Compliance(), Cleaning(), Quality(), Decontamination(), Dedup().sign()]
SHIPPED = [
    pytest.param(stage, id=f"{path.stem}-{stage.name}")
    for path in sorted(folder("configs").glob("*.toml"))
    for stage in load_recipe(str(path)).stages()
]


@pytest.mark.parametrize("stage", DEFAULTS, ids=lambda stage: stage.name)
def test_default_stage_conforms(stage):
    check_stage(stage)


@pytest.mark.parametrize("stage", SHIPPED)
def test_stage_of_shipped_recipe_conforms(stage):
    check_stage(stage)
