"""Addresses of this machine on which something is served: HOST:PORT as it is typed, and what browsers may call it."""

import ipaddress
import re
import socket

import psutil

from accounts.errors import BankError

# A name or an IPv4 address. Nothing with a meaning of its own to Django's ALLOWED_HOSTS: no "*", no dot in front.
ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):(?P<port>[0-9]{1,5})")


def parse_address(option: str, given: str) -> tuple[str, int]:
    """The host and the port of HOST:PORT. Raises BankError for what cannot be one."""
    match = ADDRESS.fullmatch(given)
    if not match or not 0 < int(match["port"]) < 65536:
        raise BankError(
            f"{option} cannot be {given!r}: give an address of this machine and a port, HOST:PORT; "
            "0.0.0.0 stands for all of its addresses."
        )
    return match["host"], int(match["port"])


def names_of(host: str) -> list[str]:
    """What a browser may call a server that listens on `host`: that name and its addresses; "0.0.0.0": all of ours.

    (The system reads "0" as 0.0.0.0 and "127.1" as 127.0.0.1, and a browser says the address in full.)
    """
    addresses = _addresses_of(host)
    if any(address.is_unspecified for address in addresses):
        return [*_own_addresses(), socket.gethostname()]
    in_full = [f"[{address}]" if address.version == 6 else str(address) for address in addresses]
    return list(dict.fromkeys([host, *in_full]))


def reachable_name(host: str) -> str:
    """What other machines may call a server that listens on `host`; for "0.0.0.0", an address that they can see."""
    if not any(address.is_unspecified for address in _addresses_of(host)):
        return host
    return next((name for name in _own_addresses() if not name.startswith("127.")), socket.gethostname())


def is_for_this_machine(host: str) -> bool:
    """Whether only programs on this machine can reach a server that listens on `host`."""
    addresses = _addresses_of(host)
    return bool(addresses) and all(address.is_loopback for address in addresses)


def _addresses_of(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """No addresses for a name that the system does not know."""
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in entries]


def _own_addresses() -> list[str]:
    """This machine's IPv4 addresses, on all of its network cards."""
    cards = psutil.net_if_addrs().values()
    return [card.address for of_card in cards for card in of_card if card.family == socket.AF_INET]
