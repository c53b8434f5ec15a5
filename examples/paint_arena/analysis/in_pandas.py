"""Whose colour covered the floor, how often the lead changed, what was painted over, and what people said about it.

python examples/paint_arena/analysis/in_pandas.py data/paint_arena
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/paint_arena")
who, game = ["session", "participant"], ["session", "match", "episode"]
players = ["red", "blue", "green", "gold"]

# Every frame once: all files of a match hold the same. Only rounds that went on to their end.
whole = data.episodes.loc[~data.episodes["partial"], [*who, "match", "episode", "agent"]]
rows = data.rows.merge(whole[game].drop_duplicates(), on=game)
rows = rows.drop_duplicates([*game, "frame"]).sort_values([*game, "frame"])

# Each player's tiles at the end, how many tiles the others painted over, and the place: 1 is the first.
ends = pd.concat(
    rows.groupby(game)
    .agg(tiles=(f"infos.{one}.tiles", "last"), lost=(f"rewards.{one}", lambda won: -won.clip(upper=0).sum()))
    .reset_index()
    .assign(agent=one)
    for one in players
)
results = whole.merge(ends, on=[*game, "agent"])
results["place"] = results.groupby(game)["tiles"].rank(method="min", ascending=False).astype(int)

# How often somebody else came to be ahead of everybody. Of several with the same number none is ahead.
tiles = rows[[f"infos.{one}.tiles" for one in players]].set_axis(range(len(players)), axis=1)
alone = tiles.eq(tiles.max(axis=1), axis=0).sum(axis=1) == 1
ahead = rows[game].assign(leader=tiles.idxmax(axis=1))[alone]
before = ahead.groupby(game)["leader"].shift()
ahead["changes"] = (before.notna() & (ahead["leader"] != before)).astype(int)
leads = ahead.groupby(game)["changes"].sum().reset_index()

# What they said, beside how they did.
did = results.groupby(who)[["place", "lost"]].mean().reset_index()
opinions = data.answers_wide[[*who, "survey.fun", "survey.fair", "survey.aimed"]].merge(did, on=who)

for title, table in {"Results": results, "Changes of the lead": leads, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
