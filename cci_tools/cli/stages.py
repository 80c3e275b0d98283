"""All stages: imported once, by the process that workers are forked from, for a run that uses most of them."""

import cci_tools.cleaning.stage
import cci_tools.cleaning.stage_privacy
import cci_tools.compliance.stage
import cci_tools.compliance.stage_risk
import cci_tools.decontamination.stage
import cci_tools.quality.stage  # noqa: F401
