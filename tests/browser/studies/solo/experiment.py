from igym import EndScene, Experiment, GymScene, Human, Scales, Stager, StartScene

experiment = Experiment(
    id="solo",
    title="Solo",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            GymScene("drive")
            .environment(file="env.py", seed=3)
            .rendering(fps=30, width=300, height=200, smooth_motion=False, rollback_smoothing_ms=None)
            .policies({"agent_0": Human})
            .gameplay(
                action_mapping={"ArrowLeft": 0, "ArrowRight": 2, "Enter": 3},
                default_action=1,
                num_episodes=2,
                max_steps=150,
                countdown_s=0,
            )
            .content(header="Drive now", body="<p>Use the arrow keys.</p>", start_label="Go"),
            Scales("after").display(header="And now", scales={"fun": "It was fun."}, scale_points=5),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
