"""`igym check` walks through the whole study: what would go wrong in a session is told before anybody is invited."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from igym.host.programs.check_main import as_text, run_checks

ENV = """
from igym import Surface
from gymnasium import Env, spaces

class Game(Env):
    observation_space = spaces.Box(0, 1, (1,))
    action_space = spaces.Discrete(2)
    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return self.np_random.random(1, dtype="f4"), {}
    def step(self, action):
        return self.np_random.random(1, dtype="f4"), 1.0, False, False, {}
    def render(self):
        return Surface(100, 100)

env = Game()
"""
HEAD = "from igym import *\n"


def study(tmp_path: Path, code: str) -> dict[str, Any]:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "env.py").write_text(ENV)
    (folder / "experiment.py").write_text(HEAD + textwrap.dedent(code))
    return run_checks(folder, None, 10, 1, None, people=20)


def told(result: dict[str, Any], level: str) -> list[str]:
    return [finding["text"] for finding in result["study"]["findings"] if finding["level"] == level]


GAME = 'GymScene("game").environment(file="env.py").gameplay(default_action=0, max_steps=10)'
PAIR = """
def pair(name, **matching):
    scene = GymScene(name).environment(code=PAIRS).gameplay(default_action=0, max_steps=10)
    return scene.policies({"a": Human, "b": Human}).matchmaking(**matching).waitroom(timeout_s=60)

PAIRS = '''
from pettingzoo import ParallelEnv
from gymnasium import spaces
from igym import Surface

class Pair(ParallelEnv):
    metadata = {"name": "pair"}
    possible_agents = ["a", "b"]
    render_mode = "igym"
    def observation_space(self, agent): return spaces.Discrete(2)
    def action_space(self, agent): return spaces.Discrete(2)
    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        return {agent: 0 for agent in self.agents}, {agent: {} for agent in self.agents}
    def step(self, actions):
        zeros = {agent: 0 for agent in self.agents}
        no = {agent: False for agent in self.agents}
        return zeros, zeros, no, no, {agent: {} for agent in self.agents}
    def render(self):
        return Surface(100, 100)

env = Pair()
'''
"""


def test_a_sound_study_is_walked_through_to_its_end_with_every_function_asked(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        f"""
        def choose(context):
            return "more" if context.answers["again"]["choice"] == "yes" else "less"

        def pay(context):
            return {{"earnings": 5, "currency": "EUR"}}

        again = MultipleChoice("again", question="Again?", choices=["yes", "no"])
        experiment = Experiment("sound", callbacks={{"on_payment": pay}}, stager=[
            StartScene("welcome"), {GAME}, again,
            Branch(choose, {{"more": StaticScene("more"), "less": StaticScene("less")}}),
            CompletionCodeScene("code"), EndScene("end", redirect_url="https://example.org/?cc={{code}}"),
        ])
        """,
    )
    assert result["ok"], as_text(result)
    assert result["study"]["findings"] == []
    ended = result["study"]["ended"]
    assert sum(ended.values()) == 20 and ended["finished"] == 18
    assert "the whole study: ok (20 made-up people: " in as_text(result)


def test_a_function_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        """
        def choose(context):
            return context.answers["agian"]["choice"]

        again = MultipleChoice("again", question="Again?", choices=["yes", "no"])
        more = Branch(choose, {"yes": StaticScene("more")})
        experiment = Experiment("failing", stager=[again, more, EndScene("end")])
        """,
    )
    assert not result["ok"]
    (finding,) = [f for f in result["study"]["findings"] if f["level"] == "error"]
    assert "branches.branch_1 failed" in finding["text"] and "agian" in finding["text"]
    assert (finding["file"], finding["line"]) == ("experiment.py", 4)
    assert "(experiment.py, line 4)" in as_text(result)


def test_a_misspelt_key_of_what_a_hook_returns_is_named(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        """
        experiment = Experiment("misspelt", callbacks={"on_join": lambda context: {"atributes": {"x": 1}}},
                                stager=[StaticScene("one"), EndScene("end")])
        """,
    )
    assert [text for text in told(result, "error") if "Unknown keys: atributes" in text and "20 times" in text]


def test_an_address_with_a_code_that_nobody_got_is_named(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        """
        experiment = Experiment("codeless", stager=[
            StaticScene("one"),
            EndScene("end", redirect_url="https://example.org/?cc={code}"),
        ])
        """,
    )
    (finding,) = [f for f in result["study"]["findings"] if f["level"] == "error"]
    assert "redirect_url carries the completion code" in finding["text"]
    assert (finding["file"], finding["line"]) == ("experiment.py", 5)


def test_a_reunion_without_a_first_meeting_is_named(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        PAIR + 'first = pair("first", matchmaker=GroupReunion(fallback=None))\n'
        'experiment = Experiment("strangers", stager=[first, EndScene("end")])\n',
    )
    assert [text for text in told(result, "error") + told(result, "warning") if "found no former partners" in text]


def test_partners_who_meet_again_are_no_finding(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        PAIR + 'experiment = Experiment("friends", stager=[pair("first"), pair("second", matchmaker=GroupReunion()), '
        'EndScene("end")])\n',
    )
    assert result["ok"], as_text(result)
    assert not [text for text in told(result, "warning") if "former partners" in text]


SEATED = """
side = Form("side", questions=[ChoiceField("end", "Which?", choices=["a", "b"], correct={correct})], check={check})
experiment = Experiment("seated", stager=[side, pair("game", seat_by="answers.side.end"), EndScene("end")])
"""


def test_seats_of_which_everybody_wants_the_same_are_named(tmp_path: Path) -> None:
    result = study(tmp_path, PAIR + SEATED.format(correct="'a'", check="'until_right'"))
    (text,) = [text for text in told(result, "error") if "found others" in text]
    assert text.startswith('GymScene("game"): none of ') and "chosen by answers.side.end" in text


def test_seats_that_people_share_out_are_no_finding(tmp_path: Path) -> None:
    result = study(tmp_path, PAIR + SEATED.format(correct="None", check="'no'"))
    assert result["ok"], as_text(result)


def test_ways_that_nobody_takes_are_named(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        """
        experiment = Experiment("unreached", callbacks={"on_match": lambda context: None}, stager=[
            Branch(lambda context: "a", {"a": StaticScene("a"), "b": StaticScene("b")}), EndScene("end"),
        ])
        """,
    )
    assert result["ok"]
    assert sorted(told(result, "warning")) == [
        'StaticScene("b"): nobody came there.',
        "branch_1: “b” was chosen for nobody.",
        "callbacks.on_match was never called.",
    ]


def test_people_who_can_get_no_further_are_named_with_their_scene(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        """
        task = Form("task", questions=[TextField("zip", required=True, pattern="[0-9]{5}")])
        experiment = Experiment("stuck", stager=[task, EndScene("end")])
        """,
    )
    assert [text for text in told(result, "warning") if "20 made-up people stopped there" in text and "zip" in text]


def test_a_function_that_hangs_ends_at_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igym.core.hooks.HOOK_LIMIT_S", 0.3)
    result = study(
        tmp_path,
        """
        import time

        def on_join(context):
            if context.participant.startswith("p001"):
                time.sleep(60)

        experiment = Experiment("hanging", callbacks={"on_join": on_join}, stager=[StaticScene("one"), EndScene("end")])
        """,
    )
    assert [text for text in told(result, "error") if text.startswith("The function callbacks.on_join failed: Timeout")]


def test_a_game_on_the_host_and_a_web_task_are_walked_through(tmp_path: Path) -> None:
    result = study(
        tmp_path,
        f"""
        experiment = Experiment("host", participants=4, stager=[
            {GAME}.runtime(where="host"),
            WebScene("task", url="https://example.org", ends_by="message"), EndScene("end"),
        ])
        """,
    )
    assert result["ok"], as_text(result)
    assert result["study"]["ended"] == {"finished": 4}
