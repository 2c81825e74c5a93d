"""``python -m bench``: measure everything; exit status 1 if a target is missed."""

import sys
import tempfile
from pathlib import Path

from bench import delivery, load, scale, servers
from bench.figures import told

_NEEDED = {"nginx": servers.NGINX, "wrk": load.WRK}


def main() -> int:
    """Measure, print the figures as they come and then as a table."""
    missing = [program for program, found in _NEEDED.items() if found is None]
    if missing:
        print(f"The benchmark needs {' and '.join(missing)}, not found on this machine.")
        print(f"Debian has it: apt install {' '.join(missing)}")
        return 2
    found = []
    for part in (delivery, scale):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            found += [told(figure) for figure in part.figures(Path(folder))]
    missed = [figure for figure in found if not figure.holds]
    print("\nAll figures", *found, sep="\n")
    print(f"\n{len(missed)} targets missed" if missed else "\nAll targets are met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
