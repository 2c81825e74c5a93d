"""``docs/`` is no package: its generator finds its neighbours as a script does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
