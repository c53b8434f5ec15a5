"""A network that changes while a page loads: browsers give up what is under way, the page asks for it again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Route

from igym.host.http.web_files import Bundled, web_client_folder
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity
from tests.browser.study_copy import study_copy
from tests.browser.test_one_person import finish, reach_the_game

JOINED = Bundled(web_client_folder()).is_current
MAIN = "bundled/main.js" if JOINED else "ui/text/index.js"
# One of each way in which a page comes by a file: a link, a module, a module imported later, one of the worker's, what
# Python is made of, what a game draws with.
FILES = (
    "ui/style/main.css",
    MAIN,
    "socket.io.esm.min.js",
    "bundled/worker.js" if JOINED else "game/match_play.js",
    "pyodide.asm.wasm",
    "start.memory.bin",
    "start.packages.bin",
    "start.rest.bin",
    "igym_bridge.json",
    "pixi.min.mjs",
)


class LosesOnce:
    """Each of the files is lost on the way the first time anybody asks for it."""

    def __init__(self) -> None:
        self.left = set(FILES)

    def __call__(self, route: Route) -> None:
        found = {name for name in self.left if name in route.request.url}
        self.left -= found
        if found:
            route.abort("internetdisconnected")
        else:
            route.continue_()


def test_a_page_gets_what_was_lost_on_the_way_and_is_played_to_its_end(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(
        study_copy(tmp_path, "solo", **{"num_episodes=2": "num_episodes=1", "max_steps=150": "max_steps=30"})
    )
    person = new_participant(engine)
    losing = LosesOnce()
    person.context.route("**/*", losing)
    reach_the_game(person)
    assert losing.left == set()
    finish(person)
    engine.stop()
    assert_parity(engine.folder / "drive", members=1, episodes=1)


def test_a_page_that_stays_without_its_files_says_so_and_begins_when_they_are_there(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "solo")
    person = new_participant(engine, locale="de-DE")
    person.context.route(f"**/{MAIN}", lambda route: route.abort("internetdisconnected"))
    person.page.goto(engine.url)
    person.sees("Teile dieser Seite sind unterwegs verloren gegangen")
    person.context.unroute_all()
    person.stands_at("Start")
    person.assert_clean()


def test_a_game_that_reads_what_is_still_on_its_way_does_not_wait_for_it(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    study = study_copy(tmp_path, "solo", **{"num_episodes=2": "num_episodes=1", "max_steps=150": "max_steps=30"})
    env = study / "env.py"
    env.write_text("import mailbox  # hardly any game needs it\n" + env.read_text())
    engine = start_engine(study)
    person = new_participant(engine)
    person.context.route("**/python_stdlib.zip", lambda route: None)
    reach_the_game(person)
    finish(person)
