"""MAC ranges for servers that compare digits only: as few prefixes as cover a range exactly."""

from collections.abc import Iterable, Iterator

from provisioning.engine.vendors import MacRange

_ADDRESS_BITS = 48


def prefixes(found: MacRange, digit_bits: int) -> Iterator[str]:
    """Hexadecimal prefixes that together hold the addresses of a range and no other.

    Args:
        found: the range.
        digit_bits: how much a server compares at once: 4 bits, a hexadecimal digit; 8, a byte.
    """
    first = found.first
    while first <= found.last:
        free = 0  # bits behind the prefix
        while free < _ADDRESS_BITS:
            wider = (1 << free + digit_bits) - 1
            if first & wider or first + wider > found.last:
                break
            free += digit_bits
        yield f"{first:012x}"[: (_ADDRESS_BITS - free) // 4]
        first += 1 << free


def joined(ranges: Iterable[MacRange]) -> tuple[MacRange, ...]:
    """The same addresses in as few ranges as possible, in order."""
    found: list[MacRange] = []
    for following in sorted(ranges, key=lambda r: (r.first, r.last)):
        if found and following.first <= found[-1].last + 1:
            last = max(found[-1].last, following.last)
            found[-1] = MacRange(found[-1].first, last)
        else:
            found.append(following)
    return tuple(found)


def without(found: MacRange, taken: Iterable[MacRange]) -> Iterator[MacRange]:
    """What is left of a range when others are cut out of it, in order."""
    first = found.first
    for other in joined(taken):
        if other.last < first or other.first > found.last:
            continue
        if other.first > first:
            yield MacRange(first, other.first - 1)
        first = other.last + 1
    if first <= found.last:
        yield MacRange(first, found.last)
