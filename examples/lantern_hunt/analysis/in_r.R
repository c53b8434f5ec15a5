# What was found, how far apart the two searched, how much they searched twice, and what they said about it.
#
#   Rscript examples/lantern_hunt/analysis/in_r.R data/lantern_hunt
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/lantern_hunt"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "wood", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")
pair <- c("amber", "violet")

# Every frame once: both people's files hold the same. Only rounds that went on to their end.
whole <- read("episodes.csv", c("session", "participant", "match", "episode", "agent", "partial"))
whole <- subset(whole, !partial, select = -partial)
rows <- do.call(rbind, lapply(file.path("wood", files), read, c(
  "session", "match", "episode", "frame", "infos.amber.found", "infos.violet.found", "infos.amber.left",
  "observations.amber.0", "observations.amber.1", "observations.violet.0", "observations.violet.1"
)))
rows <- merge(rows[!duplicated(rows[c(game, "frame")]), ], unique(whole[game]), by = game)
rows <- rows[order(rows$session, rows$match, rows$episode, rows$frame), ]

# The first two numbers an agent sees are its own place, in tiles.
places <- do.call(rbind, lapply(pair, function(one) {
  at <- rows[paste0("observations.", one, c(".0", ".1"))]
  cbind(rows[game], agent = one, setNames(at, c("x", "y")))
}))
visited <- aggregate(cbind(tiles = x) ~ session + match + episode + agent, unique(places), length)

# Each person: mushrooms found, tiles walked on.
found <- do.call(rbind, lapply(pair, function(one) {
  most <- aggregate(rows[paste0("infos.", one, ".found")], rows[game], max)
  cbind(setNames(most, c(game, "found")), agent = one)
}))
people <- merge(merge(whole, found, by = c(game, "agent")), visited, by = c(game, "agent"))

# Each round: mushrooms left, tiles between the two on average, and the part of all tiles that both walked on.
rows$apart <- abs(rows$observations.amber.0 - rows$observations.violet.0) +
  abs(rows$observations.amber.1 - rows$observations.violet.1)
rounds <- merge(
  aggregate(cbind(left = infos.amber.left) ~ session + match + episode, rows, tail, 1),
  aggregate(apart ~ session + match + episode, rows, mean), by = game
)
either <- aggregate(cbind(either = x) ~ session + match + episode, unique(places[c(game, "x", "y")]), length)
both <- aggregate(tiles ~ session + match + episode, visited, sum)
rounds <- merge(merge(rounds, either, by = game), both, by = game)
rounds$searched_twice <- rounds$tiles / rounds$either - 1
rounds <- rounds[c(game, "left", "apart", "searched_twice")]

# What they said, beside both rounds.
searched <- merge(people[c(who, "match", "episode")], rounds, by = game)
searched <- aggregate(cbind(apart, searched_twice) ~ session + participant, searched, mean)
opinions <- read("answers_wide.csv", c("session", "participant", "survey.fun", "survey.together", "survey.seen"))
opinions <- merge(opinions, searched, by = who)

print(people)
print(rounds)
print(opinions)
