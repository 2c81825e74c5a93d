"""Who is calling: the client's address behind proxies, and whether it is in trusted networks."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What proxies usually maintain themselves comes first: it names the client in the logs.
_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read addresses and networks separated by commas, e.g. ``10.0.0.0/8,::1``.

    Raises:
        ValueError: one of them is none; the message says which.
    """
    return tuple(
        ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()
    )


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end of a request."""

    address: str
    """The client, as told by trusted proxies only; for logs and limits."""
    chain: tuple[Address, ...] | None
    """Everyone who must be trusted for the request to be; None: headers that make no sense."""

    def is_in(self, networks: Sequence[Network]) -> bool:
        """Whether the client, and whoever else claims to stand between, is in the networks."""
        return self.chain is not None and all(
            any(address in network for network in networks) for address in self.chain
        )


def caller_of(environ: Mapping[str, object], proxies: Sequence[Network]) -> Caller:
    """The caller of a WSGI request.

    A trusted proxy is believed about the client; its own address never counts. Forwarding headers
    of anybody else are not believed, but they count against him: a proxy on this machine that
    nobody configured must not make the whole world look local. A proxy maintains one header and
    passes the others on as the client wrote them: so all of them must name trusted addresses.

    Args:
        environ: the WSGI environment.
        proxies: whose forwarding headers are believed.
    """
    headers = tuple(str(environ[name]) for name in _HEADERS if environ.get(name))
    return _caller(str(environ.get("REMOTE_ADDR", "")), headers, tuple(proxies))


# Callers come again, and reading addresses is the dearest step of noting a request.
@lru_cache(maxsize=4096)
def _caller(remote: str, headers: tuple[str, ...], proxies: tuple[Network, ...]) -> Caller:
    peer = _address(remote)
    if peer is None:
        return Caller(remote, None)
    hops: list[Address] = []
    clients: list[Address] = []
    sane = True
    for header in headers:
        named = [_address(part) for part in _named(header)]
        known = [address for address in named if address is not None]
        sane = sane and 0 < len(known) == len(named)
        hops += known
        # From the right: the first that is not a proxy of ours is the client.
        clients += [address for address in known if not _is_in(address, proxies)][-1:]
    if not _is_in(peer, proxies):
        return Caller(str(peer), (peer, *hops) if sane else None)
    # Where only proxies of ours are named, the farthest one asks for itself.
    clients = clients or hops[:1] or [peer]
    return Caller(str(clients[0]), tuple(clients) if sane else None)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _named(header: str) -> list[str]:
    """The addresses a forwarding header names, in order; RFC 7239 or a plain list."""
    if "for=" not in header.lower():
        return header.split(",")
    found = []
    for hop in header.split(","):
        for pair in hop.split(";"):
            name, _, value = pair.strip().partition("=")
            if name.lower() == "for":
                found.append(value.strip('"'))
    return found


def _address(text: str) -> Address | None:
    """An address, without brackets and port; IPv4 written as IPv6 becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
