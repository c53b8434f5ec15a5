from igym import Branch, EndScene, Experiment, Fifo, GymScene, Human, LatencyMatchmaker, Stager, StartScene


def game(name):
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 45})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2}, default_action=0, countdown_s=0)
        .content(header="The game", body="<p>Please wait for the word.</p>", start_label="Find a partner")
    )


def way(context):
    return context.params["way"]


measured = (
    game("measured")
    .waitroom(timeout_s=45, countdown_s=0, on_timeout="end", timeout_message="Nobody came for you.")
    .matchmaking(LatencyMatchmaker(max_p2p_rtt_ms=5000))
)
counted = (
    game("counted")
    .waitroom(timeout_s=300, countdown_s=16)
    .multiplayer(reconnection={"timeout_s": 2})
    .matchmaking(Fifo())
)

experiment = Experiment(
    id="frozen",
    title="Frozen",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            Branch(way, {"measured": measured, "counted": counted}),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
