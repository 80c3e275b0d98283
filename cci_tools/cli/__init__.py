"""The command line, ``cci-clean``: a file for each group of commands. Only this folder prints.

Heavy modules are imported inside the commands, so that ``cci-clean --help`` answers at once.
"""

import io
import sys

import click

from cci_tools.cli.audit import audit
from cci_tools.cli.corpus import explain, remove, report
from cci_tools.cli.index import check_contamination, index
from cci_tools.cli.run import dedup, plan, run
from cci_tools.cli.train import train
from cci_tools.cli.tune import tune


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cci-tools")
def main() -> None:
    """Clean, deduplicate and audit Chinese text dumps into a training corpus."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese must not spoil a run


for _command in (run, dedup, plan, index, check_contamination, report, explain, remove, audit, train, tune):
    main.add_command(_command)
