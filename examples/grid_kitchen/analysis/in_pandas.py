"""Soups, who did what, how evenly the two cooks shared the work, and what they said about it.

python examples/grid_kitchen/analysis/in_pandas.py data/grid_kitchen
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/grid_kitchen")
who, game = ["session", "participant"], ["session", "match", "episode"]
kinds = ["take", "put", "serve", "wrong"]

# Every frame once: both cooks' files hold the same. What was done, a line for each deed.
rows = data.rows.drop_duplicates([*game, "frame"])
deeds = pd.concat(
    rows[[*game, f"infos.{cook}.did"]].rename(columns={f"infos.{cook}.did": "did"}).assign(agent=cook)
    for cook in ("blue", "pink")
)
counts = deeds[deeds["did"].isin(kinds)].groupby([*game, "agent"])["did"].value_counts().unstack()

# Each cook in each round that was cooked to its end.
seats = data.episodes.loc[~data.episodes["partial"], [*who, "match", "episode", "agent"]]
work = seats.merge(counts.reindex(columns=kinds).reset_index(), how="left", on=[*game, "agent"])
work[kinds] = work[kinds].fillna(0).astype(int)
work["deeds"] = work[kinds].sum(axis=1)

# Each round. The smaller part is what the less busy cook did of all that was done: 0.5 when both did the same.
rounds = work.groupby(game).agg(
    soups=("serve", "sum"), wrong=("wrong", "sum"), deeds=("deeds", "sum"), smaller=("deeds", "min")
)
rounds["smaller"] = rounds["smaller"] / rounds["deeds"]
rounds = rounds.reset_index()

# What they said, beside both rounds together.
cooked = work[[*who, "match", "episode"]].merge(rounds, on=game)
cooked = cooked.groupby(who).agg(soups=("soups", "sum"), smaller=("smaller", "mean")).reset_index()
opinions = data.answers_wide[[*who, "survey.team", "survey.share", "survey.knew"]].merge(cooked, on=who)

for title, table in {"Work": work, "Rounds": rounds, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
