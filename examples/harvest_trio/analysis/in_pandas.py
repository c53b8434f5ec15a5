"""How many apples each of the three took, what it did to the trees, and what people said about it.

python examples/harvest_trio/analysis/in_pandas.py data/harvest_trio
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/harvest_trio")
who, game = ["session", "participant"], ["session", "match", "episode"]

# Every frame once: both people's files hold the same. Only harvests that went on to their end.
whole = data.episodes.loc[~data.episodes["partial"], [*who, "match", "episode", "agent"]]
rows = data.rows.merge(whole[game].drop_duplicates(), on=game)
rows = rows.drop_duplicates([*game, "frame"]).sort_values([*game, "frame"])

# What each of the three took, the robot too, and which part of the harvest that was.
taken = pd.concat(
    rows.groupby(game)[f"infos.{one}.picked"].max().rename("apples").reset_index().assign(agent=one)
    for one in ("teal", "plum", "robot")
)
taken["share"] = taken["apples"] / taken.groupby(game)["apples"].transform("sum")

# The trees: apples that hung there on average, at the fewest, and at the end.
hanging = rows.groupby(game)["infos.teal.apples_left"]
trees = hanging.agg(mean_left="mean", fewest="min", at_the_end="last").reset_index()

# What they said, beside what they took themselves: a third of everything would be an equal part.
own = whole.merge(taken, on=[*game, "agent"]).groupby(who)["share"].mean().rename("own_share").reset_index()
asked = ["survey.option", "survey.fair", "survey.trust", "survey.robot"]
opinions = data.answers_wide[[*who, *asked]].merge(own, on=who)

for title, table in {"Taken": taken, "Trees": trees, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
