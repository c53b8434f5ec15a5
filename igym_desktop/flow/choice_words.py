"""What the choices of an option are called in the window. Stored is always the option's own word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from igym_desktop.i18n import tr

Words = Mapping[str, str]


def choice_words(name: str, choices: Sequence[object]) -> dict[object, str]:
    """Choice → what stands in the list. `name`: of the option; two of one name are known by what they offer."""
    wanted = {str(choice) for choice in choices}
    known: Words = next((words for words in _all().get(name, ()) if wanted <= words.keys()), {})
    return {choice: known.get(str(choice)) or str(choice).replace("_", " ") for choice in choices}


def special_words(specials: Iterable[str]) -> dict[str, str]:
    """Words allowed beside what can be typed (names of scenes, numbers) → what stands in the list."""
    known = {"go_on": tr("Go on"), "exclude": tr("Exclude the person"), "at_start": tr("At the start")}
    return {word: known.get(word, word) for word in specials}


def _all() -> Mapping[str, Sequence[Words]]:
    """Option → its words, for each group of options that shares the name."""
    browsers = {name: name.capitalize() for name in ("chrome", "edge", "firefox", "safari", "opera")}
    scales = {"likert": tr("Buttons"), "slider": tr("Sliders")}
    shared = {
        "browsers_blocked": [browsers],
        "browsers_allowed": [browsers],
        "style": [scales],
        "scale_style": [scales],
    }
    return {**_of_pages(), **_of_people(), **_of_games(), **_of_bots(), **_of_networks(), **shared}


def _of_pages() -> dict[str, list[Words]]:
    return {
        "what": [{
            "answer": tr("An answer"), "score": tr("A score"), "condition": tr("A condition"),
            "global": tr("A shared value"),
        }],
        "test": [{
            "is": tr("is"), "is_not": tr("is not"), "contains": tr("contains"), "at_least": tr("is at least"),
            "at_most": tr("is at most"), "more_than": tr("is more than"), "less_than": tr("is less than"),
        }],
        "names": [{"number": tr("Numbers, such as Person 2"), "label": tr("The codes they took part with")}],
        "show": [{
            "waitroom": tr("In the waiting room"), "during": tr("In the game"), "between": tr("Between two episodes"),
        }],
        "check": [{
            "no": tr("Nothing is checked"), "once": tr("Judged, without a word"),
            "until_right": tr("Explained, until all are right"),
        }],
        "among": [{
            "session": tr("Everybody of the session"), "condition": tr("Those in the same condition"),
            "group": tr("The people of the last match"),
        }],
        "best": [{"highest": tr("The highest"), "lowest": tr("The lowest")}],
        "source": [{
            "own_last": tr("What this person played last"), "file": tr("One of the files below"),
            "pool": tr("One of all recordings of a study"),
        }],
        "ends_by": [{"message": tr("The page says so"), "button": tr("The button is pressed")}],
    }  # fmt: skip


def _of_people() -> dict[str, list[Words]]:
    return {
        "per": [
            {"participant": tr("Each person on their own"), "group": tr("The people of a match together")},
            {"match": tr("The whole match"), "episode": tr("Each episode")},
        ],
        "when_full": [{
            "end": tr("The study ends kindly"), "scene": tr("It goes on at a scene"),
            "redirect": tr("It leads to another address"),
        }],
        "device": [{
            "any": tr("Computers, phones and tablets"), "desktop": tr("Computers only"),
            "mobile": tr("Phones and tablets only"),
        }],
        "prefer": [{"first": tr("Who has waited longest"), "best": tr("The best pairs")}],
        "mode": [{
            "anonymous": tr("Drawn"), "label": tr("Typed by the participant"), "list": tr("Chosen from a list"),
            "link": tr("Taken from the link"),
        }],
        "second_tab": [{"take_over": tr("It goes on instead of the first"), "refuse": tr("It is refused")}],
        "on_timeout": [
            {
                "end": tr("A message, and the end"), "scene": tr("It goes on at a scene"),
                "redirect": tr("It leads to another address"), "completion_code": tr("A completion code"),
                "bot": tr("Bots play"),
            },
            {
                "end": tr("The match ends"), "bot": tr("A bot takes over"),
                "default_action": tr("The default action is taken"), "requeue": tr("The others wait again"),
            },
        ],
    }  # fmt: skip


def _of_games() -> dict[str, list[Words]]:
    return {
        "input_mode": [{
            "pressed_keys": tr("As long as keys are held"), "single_keystroke": tr("Once for each press"),
        }],
        "pace": [{"clock": tr("At the frame rate"), "on_input": tr("When everybody has pressed a key")}],
        "on_move_limit": [{"default_action": tr("The default action is taken"), "end": tr("The episode ends")}],
        "action_population": [{
            "default": tr("The default action"), "previous": tr("The player's previous action"),
        }],
        "who": [{"each": tr("Each of them"), "any": tr("Any of them"), "together": tr("All scores together")}],
        "over": [{"scene": tr("All episodes together"), "episode": tr("The last episode alone")}],
        "on_low_fps": [{
            "record": tr("It is recorded"), "warn": tr("A warning in the table"),
            "exclude": tr("The person is excluded"),
        }],
        "hud": [{
            "score": tr("Score"), "time": tr("Time"), "episode": tr("Episode"), "frame": tr("Frame"),
            "ping": tr("Ping"), "turn": tr("Whose turn it is"),
        }],
        "record": [{
            "actions": tr("Actions"), "rewards": tr("Rewards"), "infos": tr("Infos of the env"),
            "observations": tr("Observations"), "state": tr("State of the env"), "frames_shown": tr("Frames shown"),
            "pointer": tr("Pointer"), "input": tr("Every input with its time"),
        }],
        "where": [{"browser": tr("In every browser"), "host": tr("On this computer")}],
    }  # fmt: skip


def _of_bots() -> dict[str, list[Words]]:
    return {
        "output": [{
            "logits": tr("A logit for each action"), "action": tr("The action itself"),
            "gaussian": tr("The mean of each number"), "multidiscrete": tr("The logits of all parts"),
        }],
        "choose": [{"greedy": tr("The most likely action"), "sample": tr("A draw from the distribution")}],
    }  # fmt: skip


def _of_networks() -> dict[str, list[Words]]:
    return {
        "on_desync": [{
            "resync": tr("Back to the last agreed state"), "end": tr("The match ends"),
            "flag": tr("It goes on, and the data are flagged"),
        }],
        "transport": [{
            "auto": tr("Browser to browser, else through this computer"), "p2p": tr("Browser to browser only"),
            "relay": tr("Through this computer"),
        }],
    }  # fmt: skip
