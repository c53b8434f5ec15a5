from igym import EndScene, Experiment, Fifo, GymScene, Human, Stager, StartScene

experiment = Experiment(
    id="duet",
    title="Duet",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            GymScene("play")
            .environment(file="env.py", config={"frames": 180}, seed=11)
            .rendering(fps=30, width=400, height=240, smooth_motion=False, rollback_smoothing_ms=None)
            .policies({"left": Human, "right": Human})
            .gameplay(
                action_mapping={"ArrowUp": 1, "ArrowDown": 2},
                default_action=0,
                num_episodes=2,
                countdown_s=1,
            )
            .waitroom(timeout_s=60)
            .multiplayer(reconnection={"timeout_s": 60})
            .matchmaking(Fifo()),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
