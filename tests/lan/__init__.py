"""A LAN in a box: computers as network namespaces, joined by a switch in user space that delays, loses and cuts."""

from tests.lan.computer import Computer
from tests.lan.lan import Lan
from tests.lan.switch import Impairment, Switch

__all__ = ["Computer", "Impairment", "Lan", "Switch"]
