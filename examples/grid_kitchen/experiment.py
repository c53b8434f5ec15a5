"""Two people cook together; each sees only what is near."""

from igym import EndScene, Experiment, GymScene, Human, ScalesAndTextBox, Stager, StartScene

experiment = Experiment(
    id="grid_kitchen",
    title="Grid Kitchen",
    description="Two people cook soups together and share the points. Each sees only the cells around their own "
    "cook, so they have to read each other.",
    minutes=8,
    stager=Stager(
        [
            StartScene("welcome").display(header="A kitchen for two", body_file="pages/welcome.html"),
            GymScene("kitchen")
            .environment(file="env.py", config={"frames": 1200})
            .rendering(fps=10, width=612, height=472, background="#20242e", hud=("episode",), per_agent_view=True)
            .policies({"blue": Human, "pink": Human})
            .gameplay(
                action_mapping={
                    "ArrowUp": 1,
                    "ArrowDown": 2,
                    "ArrowLeft": 3,
                    "ArrowRight": 4,
                    "Space": 5,
                    "w": 1,
                    "s": 2,
                    "a": 3,
                    "d": 4,
                    "GamepadUp": 1,
                    "GamepadDown": 2,
                    "GamepadLeft": 3,
                    "GamepadRight": 4,
                    "GamepadA": 5,
                },
                default_action=0,
                num_episodes=2,
                reset_freeze_s=2,
            )
            .content(
                header="In the kitchen",
                body_file="pages/rules.html",
                in_game_body_file="pages/keys.html",
                start_label="To the kitchen",
            )
            .waitroom(timeout_s=180, message="The kitchen opens as soon as the second cook is here."),
            ScalesAndTextBox("survey").display(
                header="Cooking together",
                scales={
                    "team": "We worked well together.",
                    "share": "The work was shared fairly.",
                    "knew": "I usually knew what the other cook was doing.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="How did you divide the work? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you, chef!", body_file="pages/thanks.html"),
        ]
    ),
)
