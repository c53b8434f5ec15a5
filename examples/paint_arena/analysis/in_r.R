# Whose colour covered the floor, how often the lead changed, what was painted over, and what people said about it.
#
#   Rscript examples/paint_arena/analysis/in_r.R data/paint_arena
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/paint_arena"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "arena", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")
players <- c("red", "blue", "green", "gold")

# Every frame once: all files of a match hold the same. Only rounds that went on to their end.
whole <- read("episodes.csv", c("session", "participant", "match", "episode", "agent", "partial"))
whole <- subset(whole, !partial, select = -partial)
rows <- do.call(rbind, lapply(file.path("arena", files), read, c(
  "session", "match", "episode", "frame", "infos.red.tiles", "infos.blue.tiles", "infos.green.tiles",
  "infos.gold.tiles", "rewards.red", "rewards.blue", "rewards.green", "rewards.gold"
)))
rows <- merge(rows[!duplicated(rows[c(game, "frame")]), ], unique(whole[game]), by = game)
rows <- rows[order(rows$session, rows$match, rows$episode, rows$frame), ]

# Each player's tiles at the end, how many tiles the others painted over, and the place: 1 is the first.
ends <- do.call(rbind, lapply(players, function(one) {
  own <- data.frame(rows[game], tiles = rows[[paste0("infos.", one, ".tiles")]])
  own$lost <- pmax(-rows[[paste0("rewards.", one)]], 0)
  cbind(merge(aggregate(tiles ~ session + match + episode, own, tail, 1),
              aggregate(lost ~ session + match + episode, own, sum), by = game), agent = one)
}))
results <- merge(whole, ends, by = c(game, "agent"))
results$place <- ave(
  -results$tiles, results$session, results$match, results$episode, FUN = function(x) rank(x, ties.method = "min")
)

# How often somebody else came to be ahead of everybody. Of several with the same number none is ahead.
tiles <- as.matrix(rows[paste0("infos.", players, ".tiles")])
alone <- rowSums(tiles == apply(tiles, 1, max)) == 1
ahead <- data.frame(rows[game], leader = max.col(tiles, ties.method = "first"))[alone, ]
leads <- aggregate(cbind(changes = leader) ~ session + match + episode, ahead, function(x) sum(diff(x) != 0))

# What they said, beside how they did.
did <- aggregate(cbind(place, lost) ~ session + participant, results, mean)
opinions <- read("answers_wide.csv", c("session", "participant", "survey.fun", "survey.fair", "survey.aimed"))
opinions <- merge(opinions, did, by = who)

print(results)
print(leads)
print(opinions)
