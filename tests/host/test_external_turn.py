"""A TURN server of one's own: what of it reaches browsers, what is refused, and that its secret stays where it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.host.base.errors import HostError
from igym.host.ice.external_turn import external_turn, turn_urls
from igym.host.session.settings import EngineOptions
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import PAIR, StartEngine
from tests.host.test_whole_path import parity_of

URL = "turn:turn.example.org:3478"
SECRET = "a-secret-that-both-share"
PASSWORD = "the-same-for-everybody"


def options(**given: Any) -> EngineOptions:
    return EngineOptions(folder=Path(), data=Path(), **{"turn_url": URL, **given})


@pytest.mark.parametrize("way", ["secret", "password"])
async def test_each_participant_is_told_of_it_and_the_data_hold_no_password(
    start_engine: StartEngine, tmp_path: Path, way: str
) -> None:
    file = tmp_path / "turn-secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    given: dict[str, Any] = (
        {"turn_secret_file": file} if way == "secret" else {"turn_user": "lab", "turn_password": PASSWORD}
    )
    engine = await start_engine(PAIR, turn_url=f"{URL},turns:turn.example.org:443?transport=tcp", **given)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=30)) for seed in (1, 2)]
    await asyncio.gather(*(participant.run() for participant in pair))
    await engine.stop("all done")

    told = []
    for participant in pair:
        [play] = participant._plays.values()
        assert play.scene.match is not None and play.scene.match.ice.turn is not None
        ice = play.scene.match.ice.turn
        assert ice["urls"] == [URL, "turns:turn.example.org:443?transport=tcp"]
        told.append((participant.client.participant, str(ice["username"]), str(ice["credential"])))
    for who, username, password in told:
        if way == "secret":
            # RFC 2104 and the draft's own words, not the code's: base64(hmac(secret, username)).
            made = hmac.digest(SECRET.encode(), username.encode(), hashlib.sha1)
            assert username.partition(":")[2] == who and base64.b64decode(password) == made
        else:
            assert (username, password) == ("lab", PASSWORD)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any(path.name == "session.sqlite3" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not [word for word in (SECRET, *(password for _, _, password in told)) if word.encode() in content], path
    first, second = (engine.folder / "duel" / f"{p.client.participant}_ep0.csv" for p in pair)
    assert parity_of(first) == parity_of(second)


def test_people_from_elsewhere_ask_it_for_their_own_address_too() -> None:
    more = {"turn_user": "a", "turn_password": "b"}
    public = {**more, "public_url": "https://study.example.org/"}
    for given, stun in (
        (options(**more), ""),
        (options(**public), "stun:turn.example.org:3478"),
        (options(**{**public, "turn_url": "turn:[2001:db8::1]?transport=udp"}), "stun:[2001:db8::1]"),
        (options(**{**public, "turn_url": "turns:t.example,turn:t.example:443?transport=tcp"}), ""),
    ):
        found = external_turn(given)
        assert found is not None and found.stun == stun
    assert external_turn(EngineOptions(folder=Path(), data=Path())) is None


@pytest.mark.parametrize(
    "url", ["turn.example.org", "stun:turn.example.org", "turn://turn.example.org", "turn:", "turn:a b", f"{URL},",
            "turn:a@turn.example.org", "turn:turn.example.org:3478?transport=sctp"],
)  # fmt: skip
def test_an_address_that_browsers_refuse_is_refused(url: str) -> None:
    with pytest.raises(HostError, match="no address of a TURN server") as refused:
        turn_urls(url)
    assert refused.value.code == "bad_turn"


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (None, {}, "cannot be read from"),
        ("", {}, "the secret of the TURN server and nothing else"),
        ("static-auth-secret = abc", {}, "the secret of the TURN server and nothing else"),
        ("x" * 2000, {}, "the secret of the TURN server and nothing else"),
        (SECRET, {"turn_user": "lab"}, "Name one of the two"),
        (SECRET, {"turn_password": "p"}, "Name one of the two"),
    ],
)
def test_a_secret_that_cannot_be_meant_is_refused(
    tmp_path: Path, content: str | None, more: dict[str, str], words: str
) -> None:
    file = tmp_path / "turn-secret"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(HostError, match=words) as refused:
        external_turn(options(turn_secret_file=file, **more))
    assert refused.value.code == "bad_turn" and SECRET not in refused.value.text


@pytest.mark.parametrize("more", [{}, {"turn_user": "lab"}, {"turn_password": "p"}])
def test_a_server_without_credentials_would_keep_browsers_from_connecting_at_all(more: dict[str, str]) -> None:
    with pytest.raises(HostError, match="without a user and a password"):
        external_turn(options(**more))


@pytest.mark.parametrize("wrong", [["--turn-user", "lab"], ["--turn-secret-file", "f"]])
def test_what_belongs_to_no_server_is_refused(
    tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", str(tmp_path), *wrong])
    assert ended.value.code == 2 and "--turn names" in capsys.readouterr().err
