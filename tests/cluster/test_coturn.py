"""A TURN server beside the app: coturn relays for whom the app has given a password, as long as that holds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed

from igym.host.ice.external_turn import ExternalTurn, external_turn
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ice.turn_credentials import Credentials
from igym.host.session.settings import EngineOptions
from igym.protocol.server import Ice, ProbeStart
from tests.cluster.coturn import HERE, allocated, coturn, given_back

SECRET = "a-secret-that-both-share"


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "turn-secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


def told_to(guest: str, turn: ExternalTurn) -> dict[str, str]:
    """The relay as this participant's browser is told of it."""
    guests = RelayGuests(external=turn)
    ice = Ice.model_validate(guests.offer(HERE, 8000))
    message = guests.personal(
        ProbeStart(probe="1", peer="other", initiator=True, pings=3, connect_ms=1000, ice=ice), guest
    )
    return message.ice.turn  # type: ignore[attr-defined, no-any-return]


def named(port: int, file: Path) -> ExternalTurn:
    found = external_turn(
        EngineOptions(folder=Path(), data=Path(), turn_url=f"turn:{HERE}:{port}", turn_secret_file=file)
    )
    assert found is not None
    return found


async def test_two_participants_reach_each_other_through_it(tmp_path: Path, secret_file: Path) -> None:
    # Only for this computer: what is relayed here has a loopback address, which the configuration denies.
    here = ("--allow-loopback-peers", f"--allowed-peer-ip={HERE}")
    with coturn(tmp_path, secret_file, *here) as port:
        turn = named(port, secret_file)
        one, box_one = await allocated(port, *credentials(told_to("p1", turn)))
        other, box_other = await allocated(port, *credentials(told_to("p2", turn)))

        one.sendto(b"opens the door", other.get_extra_info("sockname"))
        other.sendto(b"hello", one.get_extra_info("sockname"))
        assert await box_one.next() == b"hello"
        one.sendto(b"hello yourself", other.get_extra_info("sockname"))
        received = [await box_other.next()]
        if received == [b"opens the door"]:
            received.append(await box_other.next())
        assert received[-1] == b"hello yourself"
        await given_back(one, box_one)
        await given_back(other, box_other)


def credentials(told: dict[str, str]) -> tuple[str, str]:
    return told["username"], told["credential"]


async def test_only_passwords_of_the_app_open_it_and_only_in_their_time(tmp_path: Path, secret_file: Path) -> None:
    with coturn(tmp_path, secret_file) as port:
        name, password = credentials(told_to("p1", named(port, secret_file)))
        past = Credentials(SECRET.encode(), lambda: time.time() - 7200).issue("p1", lifetime_s=3600)
        longer = f"{int(name.partition(':')[0]) + 3600}:p1"
        for wrong in (
            (name, "guessed"), (longer, password), Credentials(b"another secret").issue("p1"), past, ("p1", SECRET),
        ):  # fmt: skip
            with pytest.raises(TransactionFailed) as refused:
                await allocated(port, *wrong)
            assert refused.value.response.attributes["ERROR-CODE"][0] == 401, wrong

        await given_back(*await allocated(port, name, password))


async def test_it_is_no_way_into_the_networks_it_stands_in(tmp_path: Path, secret_file: Path) -> None:
    with coturn(tmp_path, secret_file) as port:
        transport, box = await allocated(port, *credentials(told_to("p1", named(port, secret_file))))
        client = transport._TurnTransport__inner_protocol
        for inside in ("10.0.0.5", "172.17.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1"):
            with pytest.raises(TransactionFailed) as refused:
                await client.channel_bind(0x4000, (inside, 5432))
            assert refused.value.response.attributes["ERROR-CODE"][0] == 403, inside
        await client.channel_bind(0x4001, ("192.0.2.7", 5000))
        await given_back(transport, box)
