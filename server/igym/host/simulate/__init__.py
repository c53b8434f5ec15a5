"""Participants without a browser, on the real protocol and real sockets: for rehearsals, load figures and tests."""

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import JoinRefusedError, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant

__all__ = ["Behaviour", "JoinRefusedError", "ParticipantClient", "SimulatedParticipant"]
