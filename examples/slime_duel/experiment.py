"""Two people play slime volleyball against each other, over the network, frame by frame."""

from igym import EndScene, Experiment, GymScene, Human, Scales, Stager, StartScene, StaticScene

experiment = Experiment(
    id="slime_duel",
    title="Slime Duel",
    description="Two people play slime volleyball against each other in real time: two games to five points, then "
    "three questions about the other person.",
    minutes=7,
    entry_screening={"device": "desktop"},
    stager=Stager(
        [
            StartScene("welcome").display(header="A slime duel", body_file="pages/welcome.html"),
            StaticScene("rules").display(header="How it is played", body_file="pages/rules.html", button_label="I see"),
            GymScene("duel")
            .environment(file="env.py", config={"win_score": 5})
            .rendering(
                fps=30, width=800, height=400, background="#1b2a4a", hud=("time", "episode"), per_agent_view=True
            )
            .assets(sounds={"hit": "assets/hit.wav", "point": "assets/point.wav"})
            .policies({"left": Human, "right": Human})
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
                start_label="Find my opponent",
            )
            .waitroom(timeout_s=180, message="Your opponent will be here in a moment. The duel starts by itself.")
            .multiplayer(input_delay_frames=1),
            Scales("survey").display(
                header="About the other person",
                scales={
                    "skill": "The other person played well.",
                    "smooth": "The game ran smoothly.",
                    "again": "I would like to play against this person again.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
            ),
            EndScene("thanks").display(header="Well played!", body_file="pages/thanks.html"),
        ]
    ),
)
