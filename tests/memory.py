"""How much memory a test takes, whatever others took before it in the same process."""

from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET_PEAK = "5"


def begin() -> int:
    """Forget the peak so far; kilobytes in use now."""
    Path("/proc/self/clear_refs").write_text(_FORGET_PEAK)
    return _kilobytes("VmRSS")


def peak() -> int:
    """The most kilobytes in use since :func:`begin`."""
    return _kilobytes("VmHWM")


def _kilobytes(name: str) -> int:
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
