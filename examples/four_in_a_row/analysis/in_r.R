# How long each move was thought about, who won, and what players said about their thinking.
#
#   Rscript examples/four_in_a_row/analysis/in_r.R data/four_in_a_row
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/four_in_a_row"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "board", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")

# Every frame once: both players' files hold the same. A disc more on the board is a move.
rows <- do.call(rbind, lapply(file.path("board", files), read, c(
  "session", "match", "episode", "frame", "time_s", "actions.red", "infos.red.discs"
)))
rows <- rows[!duplicated(rows[c(game, "frame")]) & !is.na(rows$infos.red.discs), ]
rows <- rows[order(rows$session, rows$match, rows$episode, rows$frame), ]
before <- function(x) c(0, head(x, -1))
moves <- rows[rows$infos.red.discs > ave(rows$infos.red.discs, rows$session, rows$match, rows$episode, FUN = before), ]
moves$agent <- ifelse(is.na(moves$actions.red), "yellow", "red")
moves$move <- moves$infos.red.discs
# From the move before, or from the start of the game.
moves$thinking_s <- moves$time_s - ave(moves$time_s, moves$session, moves$match, moves$episode, FUN = before)
moves <- moves[c(game, "agent", "move", "thinking_s")]

# Whose moves they are, and each player's median.
seats <- read("episodes.csv", c("session", "participant", "match", "episode", "agent", "score", "partial"))
thinking <- aggregate(
  thinking_s ~ session + participant, merge(moves, seats, by = c(game, "agent")),
  function(x) c(moves = length(x), median_s = median(x))
)
thinking <- setNames(do.call(data.frame, thinking), c(who, "moves", "median_s"))

# Games that were played to their end.
games <- subset(seats, !partial, select = -partial)
games$won <- games$score > 0

# What they said, beside how long they thought.
opinions <- read("answers_wide.csv", c("session", "participant", "survey.plan", "survey.read", "survey.fun"))
opinions <- merge(opinions, thinking, by = who)

print(moves)
print(games)
print(opinions)
