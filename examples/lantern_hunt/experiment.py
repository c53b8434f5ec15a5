"""Two people look for mushrooms in a dark wood. The game runs on the host, so nobody can look into the dark."""

from igym import EndScene, Experiment, GymScene, Human, Scales, Stager, StartScene

experiment = Experiment(
    id="lantern_hunt",
    title="Lantern Hunt",
    description="Two people with lanterns look for mushrooms in a dark wood, together. The environment runs on the "
    "host: the browsers load no Python and get nothing but what their own lantern shows.",
    minutes=4,
    stager=Stager(
        [
            StartScene("welcome").display(header="The lantern hunt", body_file="pages/welcome.html"),
            GymScene("wood")
            .environment(file="env.py", config={"frames": 900})
            .runtime(where="host")
            .rendering(fps=15, width=660, height=440, background="#0b120e", hud=("score", "time"), per_agent_view=True)
            .policies({"amber": Human, "violet": Human})
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
                },
                default_action=0,
                num_episodes=2,
                reset_freeze_s=2,
            )
            .content(header="Find the mushrooms", body_file="pages/rules.html", start_label="Into the wood")
            .waitroom(timeout_s=300, message="The hunt begins as soon as two people are here.")
            .multiplayer(reconnection={"on_timeout": "default_action"}),
            Scales("survey").display(
                header="How was it?",
                scales={
                    "fun": "The hunt was fun.",
                    "together": "We searched the wood together rather than each alone.",
                    "seen": "I often knew where the other person was.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
