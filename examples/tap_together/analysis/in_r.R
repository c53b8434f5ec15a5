# How closely each person was with the partner, how evenly they tapped, and what they took the partner for.
#
#   Rscript examples/tap_together/analysis/in_r.R data/tap_together
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/tap_together"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE, guess_max = Inf))[columns]
}
files <- basename(Sys.glob(file.path(folder, "tapping", "*_ep*.csv")))
inputs <- basename(Sys.glob(file.path(folder, "tapping", "*_input.csv")))
who <- c("session", "participant")
one <- c(who, "match", "episode")
frame_ms <- 1000 / 60

# Each round that went on to its end: a pair is a tap of the person and the one of the partner nearest to it. Above 0
# the person was behind. The first eight beats had ticks; here are those after them.
whole <- read("episodes.csv", c("session", "participant", "match", "episode", "score", "partial"))
whole <- subset(whole, !partial, select = -partial)
rows <- do.call(rbind, lapply(file.path("tapping", files), read, c(
  "session", "participant", "match", "episode", "frame", "infos.person.asynchrony"
)))
pairs <- subset(rows, !is.na(infos.person.asynchrony) & frame >= 8 * 36)
pairs$ms <- pairs$infos.person.asynchrony * frame_ms
described <- function(x) c(length(x), mean(x), sd(x))
rounds <- do.call(data.frame, aggregate(ms ~ session + participant + match + episode, pairs, described))
rounds <- merge(setNames(rounds, c(one, "pairs", "mean_ms", "spread_ms")), whole, by = one)

# Which of the two programs it was.
drawn <- read("matches.csv", c("session", "participant", "match", "policy.partner"))
drawn <- setNames(drawn, c(who, "match", "partner"))
drawn$partner <- sub("partner.py:", "", drawn$partner, fixed = TRUE)
rounds <- merge(rounds, drawn, by = c(who, "match"))

# Each press by the clock of the browser, finer than a frame: the time from one to the next, without gaps of two beats.
events <- do.call(rbind, lapply(file.path("tapping", inputs), read, c(
  "session", "participant", "match", "episode", "event", "code", "at_ms"
)))
presses <- subset(events, event == "press" & code == "Space")
presses <- presses[order(presses$at_ms), ]
presses$gap <- ave(
  presses$at_ms, presses$session, presses$participant, presses$match, presses$episode,
  FUN = function(x) c(NA, diff(x))
)
tempo <- aggregate(gap ~ session + participant + match + episode, subset(presses, gap < 900), described)
tempo <- setNames(do.call(data.frame, tempo), c(one, "intervals", "mean_ms", "spread_ms"))

# What they thought, by program.
opinions <- read("answers_wide.csv", c("session", "participant", "after.who", "after.together", "after.adapted"))
opinions <- merge(opinions, unique(rounds[c(who, "partner")]), by = who)

print(rounds)
print(tempo)
print(opinions)
