"""A look at the session costs what has changed, not everybody who ever came; what it shows is the whole truth."""

from __future__ import annotations

from collections import Counter

import pytest

from igym.core import view
from igym.core.participant import Participant
from igym.core.state import State
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import make
from tests.core.one_by_one import check_kept
from tests.core.world import World


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each person's row was made."""
    found: Counter[str] = Counter()
    make_row = view.participant_row

    def row(state: State, person: Participant) -> view.ParticipantRow:
        found[person.id] += 1
        return make_row(state, person)

    monkeypatch.setattr(view, "participant_row", row)
    return found


def test_who_is_done_is_not_looked_at_again(built: Counter[str]) -> None:
    world = World(make(StaticScene("page"), EndScene("end")))
    done = [world.join() for _ in range(40)]
    for person in done:
        person.open()
        world.command("exclude", participant=person.id, message="thanks")
    here = [world.join() for _ in range(3)]
    world.session.look()
    world.session.look().take_changes()
    built.clear()
    world.session.look()
    assert not built, "nothing was handled since"

    here[0].open()
    changed, _ = world.session.look().take_changes()
    assert set(built) == {person.id for person in here} and [row.id for row in changed] == [here[0].id]
    built.clear()
    done[7].close()
    changed, _ = world.session.look().take_changes()
    assert set(built) == {done[7].id, *(person.id for person in here)}, "and whom the event was about"
    assert [(row.id, row.connection) for row in changed] == [(done[7].id, "away")]
    assert world.session.look().people(0, 99) == list(world.session.view(world.now).participants)


def test_whether_somebody_is_there_is_known_without_anybodys_row(built: Counter[str]) -> None:
    world = World(make(StaticScene("page"), EndScene("end")))
    assert world.session.is_deserted
    one, other = world.join(), world.join()
    assert world.session.is_deserted, "they have yet to open their pages"
    one.open()
    other.open()
    one.close()
    assert not world.session.is_deserted
    world.command("exclude", participant=other.id, message="thanks")
    assert world.session.is_deserted, "whose part has ended may look at their last page for ever"
    assert not built


def test_after_a_restart_everybody_is_looked_at(built: Counter[str]) -> None:
    world = World(make(StaticScene("page"), EndScene("end")))
    for _ in range(3):
        world.join().open()
    world.session.look().take_changes()
    world.restart(5.0)
    built.clear()
    changed, _ = world.session.look().take_changes()
    assert len(built) == len(changed) == 3
    assert world.session.look().people(0, 99) == list(world.session.view(world.now).participants)


def test_a_message_and_who_has_read_it() -> None:
    world = World(make(StaticScene("page"), EndScene("end")))
    people = [world.join() for _ in range(2)]
    for person in people:
        person.open()
    world.session.look()
    world.command("message", to="all", text="Five more minutes")
    check_kept(world.session, world.session.view(world.now))
    people[0].say("notice_read", id=world.session.small_parts().messages[0].id)
    [told] = world.session.small_parts().messages
    assert told.read == (people[0].id,)
    check_kept(world.session, world.session.view(world.now))
