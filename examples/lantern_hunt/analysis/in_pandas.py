"""What was found, how far apart the two searched, how much they searched twice, and what they said about it.

python examples/lantern_hunt/analysis/in_pandas.py data/lantern_hunt
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/lantern_hunt")
who, game = ["session", "participant"], ["session", "match", "episode"]
pair = ["amber", "violet"]

# Every frame once: both people's files hold the same. Only rounds that went on to their end.
whole = data.episodes.loc[~data.episodes["partial"], [*who, "match", "episode", "agent"]]
rows = data.rows.merge(whole[game].drop_duplicates(), on=game)
rows = rows.drop_duplicates([*game, "frame"]).sort_values([*game, "frame"])

# The first two numbers an agent sees are its own place, in tiles.
places = pd.concat(
    rows[game].assign(agent=one, x=rows[f"observations.{one}.0"], y=rows[f"observations.{one}.1"]) for one in pair
)
visited = places.drop_duplicates().groupby([*game, "agent"]).size().rename("tiles").reset_index()

# Each person: mushrooms found, tiles walked on.
found = pd.concat(
    rows.groupby(game)[f"infos.{one}.found"].max().rename("found").reset_index().assign(agent=one) for one in pair
)
people = whole.merge(found, on=[*game, "agent"]).merge(visited, on=[*game, "agent"])

# Each round: mushrooms left, tiles between the two on average, and the part of all tiles that both walked on.
apart = sum((rows[f"observations.amber.{axis}"] - rows[f"observations.violet.{axis}"]).abs() for axis in (0, 1))
rounds = rows.assign(apart=apart).groupby(game).agg(left=("infos.amber.left", "last"), apart=("apart", "mean"))
either = places[[*game, "x", "y"]].drop_duplicates().groupby(game).size()
rounds["searched_twice"] = visited.groupby(game)["tiles"].sum() / either - 1
rounds = rounds.reset_index()

# What they said, beside both rounds.
searched = people[[*who, "match", "episode"]].merge(rounds, on=game)
searched = searched.groupby(who)[["apart", "searched_twice"]].mean().reset_index()
opinions = data.answers_wide[[*who, "survey.fun", "survey.together", "survey.seen"]].merge(searched, on=who)

for title, table in {"People": people, "Rounds": rounds, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
