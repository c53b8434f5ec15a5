"""Stories that are told of the host with its own sockets, with an edge between: nothing in them is different."""

# ruff: noqa: F403 the tests themselves are what is imported
from __future__ import annotations

import pytest

from tests.cluster.test_remote import test_recordings_of_a_database_server_are_fetched_whole  # noqa: F401
from tests.host.conftest import StartEngine
from tests.host.test_tabs import (  # noqa: F401
    test_a_second_tab_is_refused_when_the_study_says_so,
    test_long_polling_works_where_websockets_are_blocked,
    test_who_has_finished_sees_the_last_page_again,
)
from tests.host.test_whole_path import *


@pytest.fixture
def start_engine(start_behind_edge: StartEngine) -> StartEngine:
    return start_behind_edge
