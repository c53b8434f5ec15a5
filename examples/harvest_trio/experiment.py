"""Two people and a program share an orchard that can be harvested too hard."""

from igym import EndScene, Experiment, GymScene, Human, OptionBoxesWithScalesAndTextBox, Python, Stager, StartScene

experiment = Experiment(
    id="harvest_trio",
    title="Harvest Trio",
    description="Two people and a robot pick apples in one orchard. Trees picked bare stay bare: a common good dilemma "
    "with a programmed third player.",
    minutes=7,
    stager=Stager(
        [
            StartScene("welcome").display(header="One orchard for three", body_file="pages/welcome.html"),
            GymScene("orchard")
            .environment(file="env.py", config={"frames": 720})
            .rendering(fps=8, width=624, height=488, background="#26382b", hud=("episode",), per_agent_view=True)
            .policies(
                {"teal": Human, "plum": Human, "robot": Python("robot.py:act", options={"restraint": 2})},
                frame_skip=2,
            )
            .gameplay(
                action_mapping={
                    "ArrowUp": 1,
                    "ArrowDown": 2,
                    "ArrowLeft": 3,
                    "ArrowRight": 4,
                    "w": 1,
                    "s": 2,
                    "a": 3,
                    "d": 4,
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
                header="In the orchard",
                body_file="pages/rules.html",
                in_game_body_file="pages/keys.html",
                start_label="To the orchard",
            )
            .waitroom(timeout_s=180, message="The orchard opens as soon as the second person is here.")
            .multiplayer(reconnection={"on_timeout": "end"}),
            OptionBoxesWithScalesAndTextBox("survey").display(
                header="After the harvest",
                options_question="Who took most care of the trees?",
                options={"me": "I did", "other": "The other person", "robot": "The robot", "nobody": "Nobody"},
                scales={
                    "fair": "The apples were shared fairly.",
                    "trust": "I could rely on the other person.",
                    "robot": "I could rely on the robot.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="Did you change what you did over time? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
