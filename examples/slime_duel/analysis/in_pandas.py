"""Who won, who touched the ball how often, how good the connection was, and what players thought of each other.

python examples/slime_duel/analysis/in_pandas.py data/slime_duel
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/slime_duel")
who = ["session", "participant"]

# Games that were played to their end: a line for each player. The score is points made less points lost.
games = data.episodes[~data.episodes["partial"]]
games = games[[*who, "match", "agent", "episode", "frames", "score"]].assign(won=lambda game: game["score"] > 0)

# How often each player's slime touched the ball.
counts = []
for side in ("left", "right"):
    own = data.rows[data.rows["agent"] == side]
    counts.append(own.groupby([*who, "match", "episode"])[f"infos.{side}.touched"].sum().rename("touches"))
touches = pd.concat(counts).reset_index()

# The connection of each player: median round trip, and in how many frames the other's keys were guessed at first.
network = data.matches[[*who, "match", "rtt_ms", "frames", "predicted_frames", "parity"]]
network = network.assign(guessed=network["predicted_frames"] / network["frames"])

# What they thought, beside how many games they won.
wins = games.groupby(who)["won"].sum().rename("wins").reset_index()
opinions = data.answers_wide[[*who, "survey.skill", "survey.smooth", "survey.again"]].merge(wins, on=who)

for title, table in {"Games": games, "Touches": touches, "Network": network, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
