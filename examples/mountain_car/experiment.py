"""One person, one hill, a car that is too weak for it, and three questions."""

from igym import EndScene, Experiment, GymScene, Human, ScalesAndTextBox, Stager, StartScene

experiment = Experiment(
    id="mountain_car",
    title="Mountain Car",
    description="One person drives a car that is too weak for its hill, twice, and says how it was. "
    "Gymnasium's MountainCar as it is.",
    minutes=4,
    stager=Stager(
        [
            StartScene("welcome").display(header="A small car and a steep hill", body_file="pages/welcome.html"),
            GymScene("drive")
            .environment(file="env.py")
            .rendering(fps=30, width=800, height=450, background="#eaf4f8", hud=("time", "episode"))
            .policies({"driver": Human})
            .gameplay(
                action_mapping={
                    "ArrowLeft": 0,
                    "a": 0,
                    "GamepadLeft": 0,
                    "ArrowRight": 2,
                    "d": 2,
                    "GamepadRight": 2,
                },
                default_action=1,
                num_episodes=2,
                max_steps=1200,
                reset_freeze_s=1.5,
            )
            .content(
                header="Reach the flag",
                body_file="pages/how_to_drive.html",
                in_game_body_file="pages/keys.html",
                start_label="Start driving",
            ),
            ScalesAndTextBox("survey").display(
                header="How was it?",
                scales={
                    "fun": "Driving the car was fun.",
                    "difficulty": "Reaching the flag was difficult.",
                    "insight": "At some point I suddenly understood how to do it.",
                },
                scale_points=7,
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="How did you find out what to do? (You may leave this empty.)",
                placeholder="In your own words",
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
