"""Every stage, in its default and in the settings of every shipped recipe, passes the conformance suite."""

import pytest

from cci_tools.cleaning.stage import Cleaning
from cci_tools.cleaning.stage_privacy import Privacy
from cci_tools.compliance.stage import Compliance
from cci_tools.compliance.stage_risk import Risk
from cci_tools.decontamination.stage import Decontamination
from cci_tools.dedup.stages import Dedup
from cci_tools.quality.stage import Quality
from cci_tools.recipe import load_recipe
from cci_tools.resources import folder
from cci_tools.testing import check_stage

DEFAULTS = [Compliance(), Cleaning(), Risk(), Privacy(), Quality(), Decontamination(), Dedup().sign()]
RECIPES = sorted(path.stem for path in folder("configs").glob("*.toml"))


@pytest.mark.parametrize("stage", DEFAULTS, ids=lambda stage: stage.name)
def test_default_stage_conforms(stage):
    check_stage(stage)


@pytest.mark.parametrize("name", RECIPES)
def test_stages_of_shipped_recipe_conform(name):
    for stage in load_recipe(name).stages():
        check_stage(stage)
