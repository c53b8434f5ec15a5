from igym import Advice, EndScene, Experiment, Fifo, GymScene, Onnx, Python, Shared, Stager, StartScene

FEEDBACK = {"KeyG": 1, "KeyB": -1}

experiment = Experiment(
    id="beside",
    title="Beside",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            GymScene("play")
            .environment(file="env.py", config={"frames": 240}, seed=11)
            .rendering(fps=30, width=400, height=240, smooth_motion=False, rollback_smoothing_ms=None)
            .policies(
                {
                    "left": Shared(Onnx("left.onnx", frame_skip=2), takeover=("Space",)),
                    "right": Advice(Onnx("right.onnx", frame_skip=2), text="Try {keys}"),
                }
            )
            .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, feedback=FEEDBACK, countdown_s=1)
            .waitroom(timeout_s=60)
            .multiplayer(reconnection={"timeout_s": 60})
            .matchmaking(Fifo()),
            StartScene("now").display(header="Now praise it"),
            GymScene("teach")
            .environment(file="walk.py", seed=5)
            .rendering(fps=20, width=400, height=80, smooth_motion=False, rollback_smoothing_ms=None)
            .policies({"agent_0": Shared(Python("learn.py:Learner", frame_skip=1), takeover=())})
            .gameplay(
                action_mapping={"ArrowLeft": 0, "ArrowRight": 2},
                default_action=1,
                feedback=FEEDBACK,
                max_steps=100,
                countdown_s=1,
            )
            .runtime(where="host"),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
