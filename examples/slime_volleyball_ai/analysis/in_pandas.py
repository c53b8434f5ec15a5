"""How people did against the network, whom they took it for, and whether those who won saw it otherwise.

python examples/slime_volleyball_ai/analysis/in_pandas.py data/slime_volleyball_ai
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/slime_volleyball_ai")
who, game = ["session", "participant"], ["session", "match", "episode"]

# Games that were played to their end. The score is points made less points lost; 30 frames are a second.
games = data.episodes.loc[~data.episodes["partial"], [*who, "match", "episode", "frames", "score"]]
games = games.assign(won=games["score"] > 0, seconds=games["frames"] / 30)

# How often the ball was touched: the person plays left, the network right.
touched = data.rows.groupby([*who, "match", "episode"])[["infos.left.touched", "infos.right.touched"]].sum()
touched = touched.rename(columns={"infos.left.touched": "touches", "infos.right.touched": "network_touches"})
games = games.merge(touched.astype(int).reset_index(), on=[*who, "match", "episode"])

# What each person thought, beside how they did.
did = games.groupby(who).agg(wins=("won", "sum"), score=("score", "sum")).reset_index()
opinions = data.answers_wide[[*who, "survey.option", "survey.fun", "survey.skill", "survey.fair"]].merge(did, on=who)

# Whom they took it for.
guesses = opinions.groupby("survey.option").agg(
    people=("participant", "count"), wins=("wins", "mean"), skill=("survey.skill", "mean")
)
guesses = guesses.reset_index()

for title, table in {"Games": games, "Guesses": guesses, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
