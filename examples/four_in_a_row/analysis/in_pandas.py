"""How long each move was thought about, who won, and what players said about their thinking.

python examples/four_in_a_row/analysis/in_pandas.py data/four_in_a_row
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/four_in_a_row")
who, game = ["session", "participant"], ["session", "match", "episode"]

# Every frame once: both players' files hold the same. A disc more on the board is a move.
rows = data.rows.drop_duplicates([*game, "frame"]).sort_values([*game, "frame"])
rows = rows[rows["infos.red.discs"].notna()]
before = rows.groupby(game)["infos.red.discs"].shift(fill_value=0)
moves = rows[rows["infos.red.discs"] > before]
moves = moves[[*game, "time_s", "actions.red"]].assign(
    agent=moves["actions.red"].notna().map({True: "red", False: "yellow"}),
    move=moves["infos.red.discs"],
    # From the move before, or from the start of the game.
    thinking_s=moves["time_s"] - moves.groupby(game)["time_s"].shift(fill_value=0.0),
)[[*game, "agent", "move", "thinking_s"]]

# Whose moves they are, and each player's median.
seats = data.episodes[[*who, "match", "episode", "agent", "score", "partial"]]
thinking = moves.merge(seats, on=[*game, "agent"])
thinking = thinking.groupby(who)["thinking_s"].agg(moves="count", median_s="median").reset_index()

# Games that were played to their end.
games = seats[~seats["partial"]].drop(columns="partial").assign(won=lambda one: one["score"] > 0)

# What they said, beside how long they thought.
opinions = data.answers_wide[[*who, "survey.plan", "survey.read", "survey.fun"]].merge(thinking, on=who)

for title, table in {"Moves": moves, "Games": games, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
