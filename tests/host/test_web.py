"""What HTTP gives, and what it never gives."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer

from igym.host.base.rates import Rate
from igym.host.engine.engine import Engine
from igym.host.http.asset_files import AssetFiles
from igym.host.http.web_files import Bundled, Served, Vendored, inside, web_client_folder
from igym.host.session.settings import EngineOptions
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import JoinRefusedError, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.web import join as join_routes
from igym.host.web.web import PageRoutes, build_app
from tests.host.conftest import ENV, PAIR, SOLO, SURVEY, StartEngine, write_experiment
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]
LABELS = SURVEY.replace('id="survey"', 'id="survey", participant_ids="label"')
LISTED = SURVEY.replace('id="survey"', 'id="survey", participant_ids=["Ann", "Bob"]')
LINKED = SURVEY.replace('id="survey"', 'id="survey", participant_ids="link"')


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=False) as session:
        yield session


Answer = tuple[int, bytes, Any]
reads_only = pytest.mark.asyncio(loop_scope="module")
"""For tests that leave the engine as they found it: they share one, in a loop that lasts as long as it."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def survey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """A running engine with one page of questions, for the whole module."""
    place = tmp_path_factory.mktemp("survey")
    folder = write_experiment(place / "experiment", SURVEY)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(place / name))
        engine = Engine(EngineOptions(folder=folder, data=place / "data", port=0, address="127.0.0.1"))
        await engine.start()
        yield engine
        await engine.stop("the tests are over")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visitor() -> AsyncIterator[aiohttp.ClientSession]:
    """What `http` is, for the tests that share an engine."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=False) as session:
        yield session


async def get(http: aiohttp.ClientSession, engine: Engine, path: str, **headers: str) -> Answer:
    url = aiohttp.client.URL(engine.join_url.rstrip("/") + path, encoded=True)
    async with http.get(url, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


@reads_only
async def test_the_page_names_files_that_exist_and_nothing_foreign(
    survey: Engine, visitor: aiohttp.ClientSession
) -> None:
    for path in ("/", "/seat/PC07"):
        status, body, headers = await get(visitor, survey, path)
        text = body.decode()
        assert status == 200 and "{{" not in text
        assert re.search(rf'src="/static/{survey.client.hash}/(bundled/)?main\.js"', text)
        assert f'name="igym-vendor" content="/vendor/{survey.vendored.hash}/"' in text
        assert "http://" not in text and "https://" not in text
        assert headers["Cache-Control"] == "no-cache"

    status, _, headers = await get(visitor, survey, f"/static/{survey.client.hash}/main.js")
    assert status == 200 and "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"].startswith("text/javascript")
    status, _, headers = await get(visitor, survey, "/static/0000/main.js")
    assert status == 200 and "immutable" not in headers["Cache-Control"]


@reads_only
async def test_a_page_finds_out_whether_its_files_were_replaced(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    for folder, current in (("static", survey.client.hash), ("vendor", survey.vendored.hash)):
        for name, expected in ((current, 204), ("0" * 16, 410)):
            status, body, headers = await get(visitor, survey, f"/{folder}/{name}/current")
            assert (status, body, headers["Cache-Control"]) == (expected, b"", "no-store")


@reads_only
async def test_the_preview_has_a_frame_of_other_sizes(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    status, body, _ = await get(visitor, survey, "/?look=1&sizes=1&lang=de")
    assert status == 200 and f"/static/{survey.client.hash}/sizes/page.js" in body.decode() and b"{{" not in body
    for name in ("page.js", "fit.js", "sizes.css"):
        assert (await get(visitor, survey, f"/static/{survey.client.hash}/sizes/{name}"))[0] == 200


@reads_only
async def test_every_answer_carries_the_security_headers(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    for path in ("/", "/api/join", "/nothing/here", f"/static/{survey.client.hash}/main.js", "/api/game/x"):
        _, _, headers = await get(visitor, survey, path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "object-src 'none'" in policy
        assert "http:" not in policy and "https:" not in policy and " * " not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


@reads_only
async def test_vendored_files_come_compressed_to_those_who_take_it(
    survey: Engine, visitor: aiohttp.ClientSession
) -> None:
    url = f"/vendor/{survey.vendored.hash}/pyodide/pyodide.asm.wasm"
    status, packed, headers = await get(visitor, survey, url, **{"Accept-Encoding": "gzip"})
    assert status == 200 and headers["Content-Encoding"] == "gzip"
    assert headers["Content-Type"] == "application/wasm"
    _, plain, _ = await get(visitor, survey, url, **{"Accept-Encoding": "identity"})
    assert gzip.decompress(packed) == plain


def page_of(client: Path, games: bool = True) -> str:
    (client / "index.html").write_text("{{main}} {{worker}} {{modules}} {{early}}")
    routes = PageRoutes(Served(client), Vendored(client / "vendor"), AssetFiles(client), games=games)
    return routes.filled("index.html").text or ""


def test_joined_modules_are_served_only_while_they_are_made_of_those_beside_them(tmp_path: Path) -> None:
    (tmp_path / "bundled").mkdir()
    for name in ("boot.js", "early.js", "main.js", "bundled/main.js", "bundled/worker.js"):
        (tmp_path / name).write_text(f"// {name}")
    (tmp_path / "bundled" / "main.js").write_text('import "./part-A.js";\n')
    (tmp_path / "bundled" / "part-A.js").write_text("")
    apart = page_of(tmp_path)
    assert "bundled" not in apart and "// early.js" not in apart and "/game/worker.js" in apart
    for wrong in ("", "{}", "[]", '{"made_of": null}', '{"made_of": "0"}'):
        (tmp_path / "bundled" / "made_of.json").write_text(wrong)
        assert not Bundled(tmp_path).is_current
    (tmp_path / "bundled" / "made_of.json").write_text(json.dumps({"made_of": Bundled.digest(tmp_path)}))
    joined = page_of(tmp_path)
    for there in ("/bundled/main.js", "/bundled/worker.js", "/bundled/part-A.js", "// early.js"):
        assert there in joined
    assert "// early.js" not in page_of(tmp_path, games=False), "no Python where nobody plays"
    (tmp_path / "main.js").write_text("changed")
    assert "bundled" not in page_of(tmp_path)


@pytest.mark.parametrize(("accepted", "packed"), [("gzip, deflate", True), ("identity", False), ("", False)])
async def test_a_vendored_file_that_is_there_packed_only_reaches_everybody_whole(
    tmp_path: Path, http: aiohttp.ClientSession, accepted: str, packed: bool
) -> None:
    """As in the stand-alone app, which would be much larger with both."""
    content = b"\0asm" + bytes(range(256)) * 300
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "big.wasm.gz").write_bytes(gzip.compress(content))
    (tmp_path / "vendor" / "vendor.json").write_text("{}")
    vendored = Vendored(tmp_path / "vendor")
    routes = PageRoutes(Served(tmp_path, without=("vendor",)), vendored, AssetFiles(tmp_path))
    async with TestServer(build_app([routes], ())) as server:
        url = server.make_url(f"/vendor/{vendored.hash}/big.wasm")
        async with http.get(url, headers={"Accept-Encoding": accepted}) as answer:
            body = await answer.read()
            assert (answer.status, answer.headers["Content-Type"]) == (200, "application/wasm")
            assert ("Content-Encoding" in answer.headers) is packed
            assert "immutable" in answer.headers["Cache-Control"]
        assert (gzip.decompress(body) if packed else body) == content
        async with http.get(server.make_url(f"/vendor/{vendored.hash}/small.wasm")) as missing:
            assert missing.status == 404


@reads_only
async def test_python_for_the_browser(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    rendering, bridges = (f"/static/{survey.client.hash}/py/igym_{name}.json" for name in ("rendering", "bridge"))
    _, body, headers = await get(visitor, survey, rendering)
    assert headers["Content-Encoding"] == "gzip"
    files = json.loads(gzip.decompress(body))
    _, plain, headers = await get(visitor, survey, rendering, **{"Accept-Encoding": "identity"})
    assert json.loads(plain) == files and "Content-Encoding" not in headers
    assert "igym/__init__.py" in files and "igym/rendering/__init__.py" in files
    assert not any("pydantic" in text for text in files.values())
    _, body, _ = await get(visitor, survey, bridges)
    bridge = json.loads(gzip.decompress(body))
    folder = survey.client.folder / "game"
    assert set(bridge) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    assert bridge["igym_bridge/play.py"] == (folder / "igym_bridge" / "play.py").read_text(encoding="utf-8")


SECRETS = {
    "secret.py": "CODE = 'secret'",
    "profiles/a.toml": "secret = 1",
    "data/leak.json": '"secret"',
    ".hidden.json": '"secret"',
    "wheels/x.json": '"secret"',
    "assets/logo.svg": "<svg></svg>",
    "pages/a b.html": "<p>page</p>",
}
OUTSIDE = (
    "/assets/experiment.py",
    "/assets/secret.py",
    "/assets/profiles/a.toml",
    "/assets/data/leak.json",
    "/assets/.hidden.json",
    "/assets/wheels/x.json",
    "/assets/../outside.json",
    "/assets/%2e%2e/outside.json",
    "/assets/%2e%2e%2foutside.json",
    "/assets/..%5coutside.json",
    "/assets/assets/%2e%2e/%2e%2e/outside.json",
    "/assets//etc/hosts.json",
    "/assets/%2fetc%2fhosts",
    "/assets/link.json",
    "/assets/a%00.json",
    "/static/x/../../outside.json",
    "/static/x/%2e%2e/%2e%2e/outside.json",
    "/static/x/vendor/vendor.json",
    "/vendor/x/%2e%2e/index.html",
    "/wheels/%2e%2e%2foutside.json",
)


async def joined(http: aiohttp.ClientSession, engine: Engine) -> None:
    """The cookie of a participant is in the jar."""
    async with http.post(f"{engine.join_url}api/join", json={}) as answer:
        assert answer.status == 200


async def test_nothing_outside_and_nothing_private_is_served(
    start_engine: StartEngine, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    (tmp_path / "outside.json").write_text('"secret"')
    engine = await start_engine(SURVEY, SECRETS)
    (engine.options.folder / "link.json").symlink_to(tmp_path / "outside.json")
    await joined(http, engine)

    for path in OUTSIDE:
        status, body, _ = await get(http, engine, path)
        assert status == 404 and b"secret" not in body, path
    assert (await get(http, engine, "/assets/assets/logo.svg"))[0] == 200
    assert (await get(http, engine, "/assets/pages/a%20b.html"))[0] == 200


NAMING = """
from igym import Experiment, Stager, StartScene, WebScene, GymScene, EndScene, Human, MultipleChoice, Choice

experiment = Experiment(
    id="naming", title="Naming",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p><img src='top.png'>"),
        MultipleChoice("which", question="?", choices=[Choice("a", image="choice.png")]),
        WebScene("unity").display(path="unity/index.html"),
        WebScene("task").display(path="task.html?level=1"),
        GymScene("game")
            .environment(file="env.py")
            .assets(images={"ball": "pictures/ball.png"}, atlases={"all": "pictures/atlas.json"})
            .policies({"agent_0": Human})
            .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""
NAMED = {
    "top.png": "x", "choice.png": "x", "pictures/ball.png": "x", "pictures/sheet.png": "x", "unity/index.html": "<p>",
    "unity/Build/game.data": "x", "task.html": "<link href='task.css'><script src=task.js></script>",
    "task.css": "body { background: url(paper.png) }", "task.js": "fetch('levels/1.json')", "levels/1.json": "{}",
    "paper.png": "x", "pictures/atlas.json": '{"meta": {"image": "sheet.png"}}', "assets/any.txt": "x",
    "pages/any.html": "x",
}  # fmt: skip
UNNAMED = {
    "secret.txt": "secret", "pictures/other.png": "secret", "results/participants.csv": "secret",
    "assets/old/session.sqlite3": "secret", "assets/old/participants.csv": "secret",
    "assets/old/exports/deep/rows.csv": "secret", "unity/run/engine.json": "secret", "unity/run/payments.csv": "secret",
    "pages/exported/manifest.json": "secret", "pages/exported/codebook.csv": "secret",
    "pages/exported/answers.csv": "secret",
}  # fmt: skip


async def test_only_what_the_study_names_is_served_and_only_to_participants(
    start_engine: StartEngine, http: aiohttp.ClientSession
) -> None:
    engine = await start_engine(NAMING, NAMED | UNNAMED)
    for name in NAMED | UNNAMED:
        status, body, _ = await get(http, engine, f"/assets/{name}")
        assert status == 403 and b"secret" not in body, name
    await joined(http, engine)

    for name in NAMED:
        assert (await get(http, engine, f"/assets/{name}"))[0] == 200, name
    for name in UNNAMED:
        status, body, _ = await get(http, engine, f"/assets/{name}")
        assert status == 404 and b"secret" not in body, name


async def test_data_of_sessions_inside_the_experiment_folder_stay_there(
    start_engine: StartEngine, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """A session before and one beside this one, each with its data below the experiment's own folder."""
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    places = [tmp_path / "experiment" / "assets" / "runs", tmp_path / "experiment" / "pages"]
    beside = [await start_engine(SURVEY, {"assets/logo.svg": "<svg>"}, data=place) for place in places]
    for engine in beside:
        await SimulatedParticipant(engine.join_url, Behaviour(seed=1)).run()
    await beside[0].stop("over")
    (tmp_path / "experiment" / "assets" / "link.txt").symlink_to(outside)

    engine = await start_engine(SURVEY)
    await joined(http, engine)
    held = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert {"participants.csv", "session.sqlite3", "engine.json"} <= {path.name for path in held}
    for path in [*held, tmp_path / "experiment" / "assets" / "link.txt"]:
        address = path.relative_to(tmp_path / "experiment").as_posix()
        assert (await get(http, engine, f"/assets/{address}"))[0] == 404, address
    assert (await get(http, engine, "/assets/assets/logo.svg"))[0] == 200

    kept = engine.folder / "experiment" / engine.begun.id / "sources"
    copied = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert copied == {"experiment.py", "env.py", "assets/logo.svg"}


async def test_who_watches_a_match_gets_its_pictures(start_engine: StartEngine, http: aiohttp.ClientSession) -> None:
    engine = await start_engine(PAIR, {"assets/ball.png": "x"})
    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60)) for seed in (1, 2)]
    playing = [asyncio.create_task(player.run()) for player in players]
    await until(lambda: engine.begun.session.state.matches)
    path = engine.watch.path("m001")

    assert (await get(http, engine, "/assets/assets/ball.png"))[0] == 403
    assert (await get(http, engine, str(path)))[0] == 200
    assert (await get(http, engine, "/assets/assets/ball.png"))[0] == 200
    await asyncio.gather(*playing)
    assert engine.begun.session.view(engine.clock()).to_json()["matches"][0]["parity"] == "identical"


def test_inside_stays_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "b.txt").write_text("x")
    (tmp_path / "rootless.txt").write_text("x")
    assert inside(root, "a/b.txt") == (root / "a" / "b.txt").resolve()
    for path in (
        "",
        ".",
        "a",
        "../rootless.txt",
        "a/../../rootless.txt",
        "/etc/passwd",
        "a//b.txt",
        "C:/x",
        "a\\b.txt",
    ):
        assert inside(root, path) is None, path


@reads_only
async def test_opening_the_page_does_not_join(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    for _ in range(3):
        await get(visitor, survey, "/?id=5")
        await get(visitor, survey, "/api/join?id=5")
    assert survey.begun.session.view(0.0).counts["joined"] == 0


async def test_joining_twice_with_the_same_browser_is_joining_once(
    start_engine: StartEngine, http: aiohttp.ClientSession
) -> None:
    engine = await start_engine(SURVEY)
    ids = []
    for _ in range(2):
        async with http.post(engine.join_url + "api/join", json={"params": {}}) as answer:
            assert answer.status == 200
            ids.append((await answer.json())["participant"])
            cookie = answer.headers.get("Set-Cookie", "")
            assert len(ids) == 2 or ("HttpOnly" in cookie and "SameSite=Strict" in cookie)
    assert ids[0] == ids[1]
    _, body, _ = await get(http, engine, "/api/join")
    assert json.loads(body)["known"] == ids[0]


async def test_joining_with_a_wrong_name_is_explained(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(LABELS)
    for label, code in ((None, "label_missing"), ("x" * 61, "label_invalid"), ("a\nb", "label_invalid")):
        with pytest.raises(JoinRefusedError) as refused:
            await new_client(engine).join(label)
        assert refused.value.code == code


async def test_a_link_without_an_id_is_explained(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(LINKED)
    with pytest.raises(JoinRefusedError) as refused:
        await new_client(engine).join()
    assert refused.value.code == "label_missing"
    assert await new_client(engine).join(params={"PROLIFIC_PID": "abc123"}) == "abc123"


async def test_names_are_taken_once_and_a_listed_one_may_be_used(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(LISTED)
    with pytest.raises(JoinRefusedError) as unknown:
        await new_client(engine).join("Eve")
    assert unknown.value.code == "label_unknown"
    await new_client(engine).join("ann")
    with pytest.raises(JoinRefusedError) as refused:
        await new_client(engine).join("Ann")
    assert refused.value.code == "label_taken"


async def test_a_flood_of_joins_from_one_address_is_slowed_down(
    start_engine: StartEngine, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_routes, "JOINS_PER_ADDRESS", Rate(20, 100))
    engine = await start_engine(SURVEY)

    async def join() -> int:
        async with aiohttp.ClientSession() as one, one.post(engine.join_url + "api/join", json={}) as answer:
            return answer.status

    statuses = await asyncio.gather(*(join() for _ in range(180)))
    assert set(statuses) == {200, 429}


async def test_many_people_joining_at_once_all_get_their_own_id(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    ids = await asyncio.gather(*(new_client(engine).join() for _ in range(30)))
    assert len(set(ids)) == 30


HOSTILE_IDS = ["../../x", "..\\..\\x", "/etc/passwd", "<b>bold</b>", "a/b", "CON", "..", ".hidden", "ä ö ü", "%2e%2e"]


async def test_ids_never_leave_the_data_folder_and_stay_text(start_engine: StartEngine, tmp_path: Path) -> None:
    engine = await start_engine(LABELS)
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(engine.folder)}
    for number, label in enumerate(HOSTILE_IDS):
        person = SimulatedParticipant(engine.join_url, Behaviour(seed=number))
        closed = await person.run(label=label)
        assert closed.outcome == "finished"
    view = engine.begun.session.view(0.0).to_json()
    await engine.stop("all done")

    assert [row["label"] for row in view["participants"]] == HOSTILE_IDS
    assert len({row["id"].casefold() for row in view["participants"]}) == len(HOSTILE_IDS)
    after = {path for path in tmp_path.rglob("*") if not path.is_relative_to(engine.folder)}
    assert after == before, "something was written outside the data folder"
    assert len(list((engine.folder / "words").glob("*.csv"))) == len(HOSTILE_IDS)


MALFORMED_JOINS = [
    b"",
    b"nonsense",
    b"[]",
    b'{"label": 3}',
    b'{"params": {"a": 1}}',
    b'{"evil": 1}',
    b'{"label": "\\ud800"}',
    b"[" * 50_000,
    b'{"label": "' + b"x" * 70_000 + b'"}',
]


@reads_only
async def test_a_malformed_join_is_refused(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    for body in MALFORMED_JOINS:
        async with visitor.post(survey.join_url + "api/join", data=body) as answer:
            assert answer.status in (400, 413), body[:40]
            assert (await answer.json(content_type=None))["error"]["text"]
    assert survey.begun.session.view(0.0).counts["joined"] == 0


@reads_only
async def test_a_foreign_page_cannot_join_for_somebody(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    headers = {"Origin": "http://evil.example"}
    async with visitor.post(survey.join_url + "api/join", json={}, headers=headers) as answer:
        assert answer.status == 403


async def test_games_and_inputs_are_for_members_only(
    start_engine: StartEngine, http: aiohttp.ClientSession, new_client: NewClient
) -> None:
    engine = await start_engine(PAIR)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=50)) for seed in (1, 2)]
    await asyncio.gather(*(player.run() for player in pair))
    stranger = new_client(engine)
    await stranger.join()

    assert (await get(http, engine, "/api/game/duel"))[0] == 403
    assert (await get(http, engine, "/api/inputs/m001/0"))[0] == 403
    with pytest.raises(aiohttp.ClientResponseError):
        await stranger.get_json("/api/inputs/m001/0")
    mine = await pair[0].client.get_json("/api/inputs/m001/0")
    bundle = await stranger.get_json("/api/game/duel")
    assert await stranger.get_json("/api/game/duel_r2") == bundle
    for unknown in ("duel_r", "duel_rx", "dual_r1", "_r1"):
        with pytest.raises(aiohttp.ClientResponseError):
            await stranger.get_json(f"/api/game/{unknown}")

    assert mine["frames"] == 50 and set(mine["inputs"]) == {"0", "1"}
    assert mine["inputs"] == (await pair[1].client.get_json("/api/inputs/m001/0"))["inputs"]
    assert (mine["stored"], mine["scores"]) == (50, {})
    assert mine["playing"] == engine.begun.session.state.matches["m001"].episode == 1
    second = await pair[0].client.get_json("/api/inputs/m001/1")
    told = engine.begun.session.state.ledger.report(pair[1].client.participant, "m001", 0)
    assert told is not None and any(told.scores.values())
    assert second["scores"] == told.scores, "what the first episode brought"
    assert bundle["files"].keys() == {"env.py"}
    assert "spec" not in bundle, "the scene message has it"


READS = """
from pathlib import Path

WORDS = (Path(__file__).parent / "words.txt").read_text()
"""


async def test_files_that_a_game_reads_are_sent_as_they_were_and_to_nobody_else(
    start_engine: StartEngine, new_client: NewClient, http: aiohttp.ClientSession
) -> None:
    engine = await start_engine(
        SOLO, {"env.py": READS + textwrap.dedent(ENV), "words.txt": "one two", "other.txt": "x"}
    )
    (engine.options.folder / "words.txt").write_text("changed")
    client = new_client(engine)
    await client.join()
    data = (await client.get_json("/api/game/game"))["data"]
    assert list(data) == ["words.txt"]
    url = data["words.txt"]["url"]
    address = engine.join_url.rstrip("/")
    async with http.get(address + url) as answer:
        assert answer.status == 403
    async with http.get(address + url, headers={"Cookie": client.cookie}) as answer:
        assert (answer.status, await answer.read()) == (200, b"one two")
    for hidden in ("/assets/other.txt", f"/assets/other.txt?sha256={'0' * 64}", "/assets/words.txt"):
        async with http.get(address + hidden, headers={"Cookie": client.cookie}) as answer:
            assert answer.status == 404
    kept = next((engine.folder / "experiment").glob("*/games/game.json"))
    assert json.loads(kept.read_text())["data"] == {"words.txt": data["words.txt"]["sha256"]}


async def test_the_game_bundle_keeps_what_the_session_started_with(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SOLO)
    (engine.options.folder / "env.py").write_text("changed = True")
    client = new_client(engine)
    await client.join()
    bundle = await client.get_json("/api/game/game")
    assert "changed" not in bundle["files"]["env.py"]


def test_the_web_client_is_found_in_a_checkout() -> None:
    assert (web_client_folder() / "index.html").is_file()


def test_a_page_names_every_module_it_is_made_of_at_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "main.js").write_text(
        'import {\n  one,\n} from "./deep/one.js";\n/** @type {import("./type.js").T} */\n'
        'export const x = "./text.js";\n'
        'const later = () => import("./later.js");\nimport "./gone.js";\n'
    )
    (tmp_path / "deep" / "one.js").write_text("export * from '../two.js';\nimport \"./one.js\";\n")
    (tmp_path / "two.js").write_text("")
    for name in ("type", "text", "later"):
        (tmp_path / f"{name}.js").write_text("")
    assert Served(tmp_path).modules("main.js") == ("deep/one.js", "two.js")


@reads_only
async def test_the_modules_a_page_names_are_there(survey: Engine, visitor: aiohttp.ClientSession) -> None:
    _, page, _ = await get(visitor, survey, "/")
    named = re.findall(r'rel="modulepreload" href="([^"]+)"', page.decode())
    joined = Bundled(survey.client.folder).is_current
    assert len(named) == len(set(named)) > (0 if joined else 50)
    for address in named:
        status, _, headers = await get(visitor, survey, address)
        assert status == 200 and headers["Content-Type"].startswith("text/javascript"), address
