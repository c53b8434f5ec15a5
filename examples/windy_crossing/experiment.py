"""One person steers a boat through a shifting wind: alone, then with a pilot's advice or without, then alone again."""

from igym import (
    Advice,
    Axis,
    Branch,
    Design,
    EndScene,
    Experiment,
    GymScene,
    Human,
    Onnx,
    ScalesAndTextBox,
    Stager,
    StartScene,
    StaticScene,
    When,
)

PILOT = Advice(Onnx("pilot.onnx", output="action", frame_skip=1), text="")
WHEEL = Axis(("mouse_x", "touch_x", "GamepadLeftX"), low=-1.25, high=1.25)


def crossing(scene_id, header, body, who=Human, rounds=1):
    """Crossings of three quarters of a minute each."""
    return (
        GymScene(scene_id)
        .environment(file="env.py")
        .rendering(fps=30, width=720, height=520, background="#2f7fa8", hud=("episode",) if rounds > 1 else False)
        .policies({"agent_0": who})
        .gameplay(analog={"heading": WHEEL}, num_episodes=rounds, reset_freeze_s=1.5)
        .content(header=header, body_file=body, in_game_body_file="pages/keys.html", start_label="Cast off")
        .runtime(record=("actions", "rewards", "infos", "observations", "pointer"))
    )


experiment = Experiment(
    id="windy_crossing",
    title="Windy Crossing",
    description="One person steers a boat through gates in a shifting wind, with mouse, finger or stick. Half of them "
    "practise with the light of a trained pilot: what is left of it when the light is gone?",
    minutes=7,
    languages=("en", "de"),
    design=Design({"advice": ["light", "none"]}),
    payment={"show_up": 3.0, "per_point": 0.03, "currency": "EUR"},
    stager=Stager(
        [
            StartScene("welcome").display(header="A windy crossing", body_file="pages/welcome.html"),
            StaticScene("rules").display(
                header="At the wheel", body_file="pages/rules.html", button_label="Understood"
            ),
            crossing("first", "The first crossing", "pages/first.html"),
            Branch(
                [
                    When("light", "condition", "advice", "is", "light"),
                    When("none", "condition", "advice", "is", "none"),
                ],
                {
                    "light": crossing("advised", "With a pilot", "pages/advised.html", PILOT, rounds=2),
                    "none": crossing("practice", "Practice", "pages/practice.html", rounds=2),
                },
            ),
            crossing("last", "The last crossing", "pages/last.html"),
            ScalesAndTextBox("survey").display(
                header="Ashore again",
                scales={
                    "control": "I had the boat under control.",
                    "wind": "I knew in time what the wind would do to the boat.",
                    "effort": "Steering was exhausting.",
                    "better": "I got better from crossing to crossing.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="How did you deal with the wind? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you, captain!", body_file="pages/thanks.html"),
        ]
    ),
)
