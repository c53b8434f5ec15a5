"""A person plays slime volleyball against a small trained network, and says what it was like."""

from igym import (
    EndScene,
    Experiment,
    GymScene,
    Human,
    Onnx,
    OptionBoxesWithScalesAndTextBox,
    Stager,
    StartScene,
    StaticScene,
)

experiment = Experiment(
    id="slime_volleyball_ai",
    title="Slime Volleyball",
    description="One person against a trained network: two games of slime volleyball to five points, then a few "
    "questions about the opponent.",
    minutes=6,
    stager=Stager(
        [
            StartScene("welcome").display(header="A game of slime volleyball", body_file="pages/welcome.html"),
            StaticScene("rules").display(header="How it is played", body_file="pages/rules.html", button_label="I see"),
            GymScene("match")
            .environment(file="env.py", config={"win_score": 5, "pause": 24})
            .rendering(fps=30, width=800, height=400, background="#1b2a4a", hud=("time", "episode"))
            .assets(sounds={"hit": "assets/hit.wav", "point": "assets/point.wav"})
            .policies(
                {"left": Human, "right": Onnx("slime.onnx", choose="sample", temperature=1.5)},
                frame_skip=8,
            )
            .gameplay(
                action_mapping={
                    "ArrowLeft": 1,
                    "ArrowRight": 2,
                    "ArrowUp": 3,
                    ("ArrowLeft", "ArrowUp"): 4,
                    ("ArrowRight", "ArrowUp"): 5,
                    "a": 1,
                    "d": 2,
                    "w": 3,
                    ("a", "w"): 4,
                    ("d", "w"): 5,
                    "GamepadLeft": 1,
                    "GamepadRight": 2,
                    "GamepadA": 3,
                    ("GamepadLeft", "GamepadA"): 4,
                    ("GamepadRight", "GamepadA"): 5,
                },
                default_action=0,
                num_episodes=2,
                max_steps=5400,
                reset_freeze_s=1.5,
            )
            .content(
                header="First to five points",
                body_file="pages/ready.html",
                in_game_body_file="pages/keys.html",
                start_label="Play",
            ),
            OptionBoxesWithScalesAndTextBox("survey").display(
                header="About your opponent",
                options_question="Who do you think controlled the other slime?",
                options={"person": "Another person", "program": "A computer program", "unsure": "I could not tell"},
                scales={
                    "fun": "The games were fun.",
                    "skill": "My opponent played well.",
                    "fair": "The games were fair.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="What made you think so? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Well played!", body_file="pages/thanks.html"),
        ]
    ),
)
