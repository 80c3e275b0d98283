import sys
from pathlib import Path

# Helpers of the tests (shared_data, reference twins) are imported by name.
sys.path.insert(0, str(Path(__file__).parent))
