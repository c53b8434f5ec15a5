"""A mouse that steers, and a game that waits for the keys of a French keyboard, from the hand to the files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows

PRESS = """([code, key]) => {
  for (const type of ["keydown", "keyup"]) window.dispatchEvent(new KeyboardEvent(type, { code, key, bubbles: true }));
}"""


def test_mouse_and_keys_reach_the_env_and_the_files(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "inputs")
    person = new_participant(engine)
    person.join()
    person.sees_game()
    box = person.page.locator(".game-stage").bounding_box()
    assert box
    share = 0
    while not person.page.get_by_role("heading", name="chosen").count():
        share = (share + 37) % 100
        person.page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 20)
        person.page.wait_for_timeout(100)
    person.sees_game()
    # A key that is pressed before the game asks for one is no move.
    expect(person.page.locator(".game-overlay")).to_be_hidden()
    for number, (code, key) in enumerate([("Digit2", "é"), ("Digit1", "&"), ("Numpad2", "2")]):
        while sum(batch.count for batch in engine.stored() if batch.scene == "chosen") < number:
            person.page.wait_for_timeout(100)
        person.page.evaluate(PRESS, [code, key])
    person.sees("Goodbye")
    person.assert_clean()
    engine.stop()

    for scene in ("steered", "chosen"):
        assert_parity(engine.folder / scene, members=1, episodes=1)
    (steered,) = [read_rows(path) for path in (engine.folder / "steered").glob("*_ep0.csv")]
    pushes = {float(row["actions.agent_0.0"]) for row in steered}
    assert len(steered) == 90 and len(pushes) > 5 and all(-2 <= push <= 2 for push in pushes)
    assert any(row["local.pointer_x"] for row in steered)
    (chosen,) = [read_rows(path) for path in (engine.folder / "chosen").glob("*_ep0.csv")]
    assert [row["actions.agent_0"] for row in chosen] == ["2", "1", "2"]
    assert all(float(row["local.reaction_ms"]) >= 0 for row in chosen)
    verify = [sys.executable, "-m", "igym.cli", "verify", str(engine.folder), "--browser", "none"]
    checked = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
