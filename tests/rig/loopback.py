"""Keeps the tests on this machine: a connection to anywhere else is a mistake."""

import ipaddress
import socket
from typing import Any


class LeftTheMachine(Exception):
    """A test tried to reach another machine."""


def guard() -> None:
    """Refuse every connection of this process that is not to this machine."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            raise LeftTheMachine(f"a test wants to reach {address}")
        connect(self, address)

    socket.socket.connect = connect_here  # type: ignore[method-assign] # the one place to stand for every library


def is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
