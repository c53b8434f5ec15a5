"""Two people at real pages behind two edges, one of which dies in the middle of their game."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.test_two_people import meet, play
from tests.cluster.proxy import haproxy
from tests.cluster.servers import Redis
from tests.cluster.study_server import EdgeServer, StudyServer, answers
from tests.cluster.test_pages_fail_over import STUDY, browser
from tests.ports import free_port

__all__ = ["browser"]


def test_a_match_of_two_browsers_goes_on_at_the_edge_that_is_left(
    tmp_path: Path, own_url: str, bus: Redis, browser: Browser
) -> None:
    ports = [free_port(), free_port()]
    edges = [EdgeServer(tmp_path, port, bus) for port in ports]
    with haproxy(tmp_path, ports) as url:
        core = StudyServer(STUDY, tmp_path / "data", free_port(), url, own_url, bus)
        try:
            core.start()
            for edge in edges:
                edge.start()
            core.leads()
            for edge in edges:
                answers(edge.url)
            answers(url)
            people = [ParticipantPage(browser, url), ParticipantPage(browser, url)]
            meet(people)
            assert all("connections are" not in edge.log for edge in edges), "nobody was sent away so far"
            play(people, core, 60)
            edges[0].kill()
            play(people, core, 200)
            for person in people:
                person.sees("Goodbye")
                person.context.close()
            core.end()
        finally:
            for edge in edges:
                edge.close()
            core.close()
    assert_parity(core.home / "play", members=2, episodes=2)
    assert [row["status"] for row in read_rows(core.home / "participants.csv")] == ["finished", "finished"]
