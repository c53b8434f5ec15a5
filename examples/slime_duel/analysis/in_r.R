# Who won, who touched the ball how often, how good the connection was, and what players thought of each other.
#
#   Rscript examples/slime_duel/analysis/in_r.R data/slime_duel
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/slime_duel"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "duel", "*_ep*.csv")))
who <- c("session", "participant")

# Games that were played to their end: a line for each player. The score is points made less points lost.
games <- read("episodes.csv", c("session", "participant", "match", "agent", "episode", "frames", "score", "partial"))
games <- subset(games, !partial, select = -partial)
games$won <- games$score > 0

# How often each player's slime touched the ball.
rows <- do.call(rbind, lapply(file.path("duel", files), read, c(
  "session", "participant", "match", "agent", "episode", "infos.left.touched", "infos.right.touched"
)))
rows$touches <- ifelse(rows$agent == "left", rows$infos.left.touched, rows$infos.right.touched)
touches <- aggregate(touches ~ session + participant + match + episode, rows, sum)

# The connection of each player: median round trip, and in how many frames the other's keys were guessed at first.
network <- read("matches.csv", c("session", "participant", "match", "rtt_ms", "frames", "predicted_frames", "parity"))
network$guessed <- network$predicted_frames / network$frames

# What they thought, beside how many games they won.
wins <- setNames(aggregate(won ~ session + participant, games, sum), c(who, "wins"))
opinions <- read("answers_wide.csv", c("session", "participant", "survey.skill", "survey.smooth", "survey.again"))
opinions <- merge(opinions, wins, by = who)

print(games)
print(touches)
print(network)
print(opinions)
