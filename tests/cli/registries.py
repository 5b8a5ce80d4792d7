"""How a test reaches the package registries from this machine."""

import ipaddress
import socket

HOSTS = ["pypi.org", "files.pythonhosted.org", "registry.npmjs.org", "proxy.golang.org", "index.crates.io"]


def settings():
    """What the operator of this machine would set: trust what the host trusts, and open the addresses that are special
    only here, behind which a mirror answers for the registries."""
    addresses = {info[4][0] for host in HOSTS for info in socket.getaddrinfo(host, 443, socket.AF_INET)}
    special = sorted(address for address in addresses if not ipaddress.ip_address(address).is_global)
    return {"SBX_TRUST_HOST_CA": "1", "SBX_EGRESS_PERMIT": ",".join(special)}
