from igym import EndScene, Experiment, Fifo, GymScene, Human, Stager, StartScene

experiment = Experiment(
    id="endless",
    title="Endless",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            GymScene("play")
            .environment(file="env.py", config={"frames": 20_000})
            .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "Enter": 3}, default_action=0, countdown_s=0)
            .multiplayer(reconnection={"timeout_s": 60}, monitoring={"hidden_exclude_s": None})
            .waitroom(timeout_s=120, countdown_s=0)
            .matchmaking(Fifo()),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
