"""Stories that are told of the host with its own sockets, with an edge between: nothing in them is different."""

# ruff: noqa: F401 the tests themselves are what is imported
from __future__ import annotations

import pytest

from tests.cluster.test_remote import test_recordings_of_a_database_server_are_fetched_whole
from tests.host.conftest import StartEngine
from tests.host.test_tabs import test_long_polling_works_where_websockets_are_blocked
from tests.host.test_whole_path import (
    test_a_lost_network_in_the_middle_of_a_match_loses_nothing,
    test_a_reload_in_the_middle_of_an_episode_loses_nothing,
    test_two_players_record_the_same,
)


@pytest.fixture
def start_engine(start_behind_edge: StartEngine) -> StartEngine:
    return start_behind_edge
