"""Four people paint one floor, two rounds of a minute."""

from igym import EndScene, Experiment, GymScene, Human, Scales, Stager, StartScene

experiment = Experiment(
    id="paint_arena",
    title="Paint Arena",
    description="Four people roll over one floor and paint it in their colour, in real time. A PettingZoo parallel "
    "environment, two rounds of a minute.",
    minutes=5,
    stager=Stager(
        [
            StartScene("welcome").display(header="The paint arena", body_file="pages/welcome.html"),
            GymScene("arena")
            .environment(file="env.py", config={"frames": 1200})
            .rendering(fps=20, width=660, height=448, background="#ece8e1", hud=("episode",), per_agent_view=True)
            .assets(sounds={"star": "assets/star.wav", "bump": "assets/bump.wav"})
            .policies({"red": Human, "blue": Human, "green": Human, "gold": Human})
            .gameplay(
                action_mapping={
                    "ArrowUp": 1,
                    "ArrowDown": 2,
                    "ArrowLeft": 3,
                    "ArrowRight": 4,
                    ("ArrowLeft", "ArrowUp"): 5,
                    ("ArrowRight", "ArrowUp"): 6,
                    ("ArrowLeft", "ArrowDown"): 7,
                    ("ArrowRight", "ArrowDown"): 8,
                    "w": 1,
                    "s": 2,
                    "a": 3,
                    "d": 4,
                    ("a", "w"): 5,
                    ("d", "w"): 6,
                    ("a", "s"): 7,
                    ("d", "s"): 8,
                    "GamepadUp": 1,
                    "GamepadDown": 2,
                    "GamepadLeft": 3,
                    "GamepadRight": 4,
                },
                default_action=0,
                num_episodes=2,
                reset_freeze_s=2,
            )
            .content(
                header="Paint the floor",
                body_file="pages/rules.html",
                in_game_body_file="pages/keys.html",
                start_label="Into the arena",
            )
            .waitroom(timeout_s=300, message="The arena opens as soon as four people are here.")
            .multiplayer(input_delay_frames="auto", reconnection={"on_timeout": "default_action"}),
            Scales("survey").display(
                header="How was it?",
                scales={
                    "fun": "The rounds were fun.",
                    "fair": "Everybody had the same chance.",
                    "aimed": "I chose on purpose whose tiles I painted over.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
