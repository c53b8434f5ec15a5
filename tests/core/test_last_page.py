"""What somebody reads whose game ends early when nothing follows but the last page."""

from igym.experiment.scenes import EndScene
from tests.core.experiments import game, make
from tests.core.world import World, start_playing


def test_who_stays_reads_why_the_game_ended_also_when_the_last_page_follows() -> None:
    world = World(make(game("match", 2), EndScene("end")))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    a.say("link", match=a.match, peer=b.seat, state="lost", transport="p2p", rtt_ms=None)
    b.close()
    world.run(31)

    assert a.state == "finished"
    told = [message.name for message in a.inbox if message.name in ("closed", "notice")]
    assert told[-2:] == ["closed", "notice"], "the page takes older notices away when it closes"
    assert "did not come back" in a.last("notice").text
