"""Two people play four in a row, twice, and say how they thought."""

from igym import EndScene, Experiment, GymScene, Human, ScalesAndTextBox, Stager, StartScene

experiment = Experiment(
    id="four_in_a_row",
    title="Four in a Row",
    description="Two people take turns at a board, in two games. A PettingZoo AEC environment: every move and every "
    "thinking time is recorded.",
    minutes=8,
    stager=Stager(
        [
            StartScene("welcome").display(header="Four in a row", body_file="pages/welcome.html"),
            GymScene("board")
            .environment(file="env.py")
            .rendering(
                fps=20, width=600, height=560, background="#f4efe6", hud=("score", "episode"), per_agent_view=True
            )
            .policies({"red": Human, "yellow": Human})
            .gameplay(
                action_mapping={
                    **{str(column + 1): column for column in range(7)},
                    "ArrowLeft": 7,
                    "ArrowRight": 8,
                    "ArrowDown": 9,
                    "Space": 9,
                    "GamepadLeft": 7,
                    "GamepadRight": 8,
                    "GamepadA": 9,
                },
                default_action=None,
                input_mode="single_keystroke",
                num_episodes=2,
                max_steps=20 * 60 * 10,
                reset_freeze_s=3,
            )
            .content(
                header="First to four in a row",
                body_file="pages/rules.html",
                in_game_body_file="pages/keys.html",
                start_label="I am ready",
            )
            .waitroom(timeout_s=180, message="The game begins as soon as a second person is ready.")
            .multiplayer(focus={"pause_partner": True, "timeout_s": 60}, reconnection={"timeout_s": 30}),
            ScalesAndTextBox("survey").display(
                header="Looking back",
                scales={
                    "plan": "I planned several moves ahead.",
                    "read": "I could guess what the other person was up to.",
                    "fun": "The games were fun.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="Did you have a strategy? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
