from igym import CompletionCodeScene, EndScene, Experiment, Fifo, GymScene, Human, Scales, Stager, StartScene

experiment = Experiment(
    id="together",
    title="Together",
    participant_ids={"mode": "link"},
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            GymScene("play")
            .environment(file="env.py", config={"frames": 90})
            .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2}, default_action=0, countdown_s=0)
            .content(header="The game", body="<p>Please wait for the word.</p>", start_label="Find a partner")
            .waitroom(timeout_s=300, countdown_s=8)
            .multiplayer(reconnection={"timeout_s": 60})
            .matchmaking(Fifo()),
            Scales("after").display(header="And now", scales={"fun": "It was fun."}, scale_points=5),
            CompletionCodeScene("code").display(header="Your code"),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
