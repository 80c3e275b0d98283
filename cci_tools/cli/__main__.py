"""``python -m cci_tools.cli``."""

from cci_tools.cli import main

main()
