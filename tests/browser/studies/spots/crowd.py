from igym import EndScene, Experiment, GroupReunion, GymScene, Human, LatencyMatchmaker, Stager, StartScene

KEYS = {"ArrowLeft": 1, "ArrowRight": 2, "Enter": 3}


def game(name, episodes):
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 45})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping=KEYS, default_action=0, num_episodes=episodes, countdown_s=0)
    )


first = (
    game("first", 2)
    .content(header="The first game", body="<p>Please wait for the word.</p>", start_label="Find a partner")
    .waitroom(timeout_s=55, countdown_s=1, timeout_message="Nobody with a fast enough connection was there.")
    .matchmaking(LatencyMatchmaker(max_server_rtt_ms=1000, max_p2p_rtt_ms=400), rejected_pair_expiry_s=8)
)
again = game("again", 1).waitroom(timeout_s=60, countdown_s=0).matchmaking(GroupReunion(fallback=None, wait_s=60))

experiment = Experiment(
    id="crowd",
    title="Crowd",
    stager=Stager(
        [StartScene("hello").display(header="Hello there"), first, again, EndScene("bye").display(header="Goodbye")]
    ),
)
