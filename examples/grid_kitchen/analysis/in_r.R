# Soups, who did what, how evenly the two cooks shared the work, and what they said about it.
#
#   Rscript examples/grid_kitchen/analysis/in_r.R data/grid_kitchen
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/grid_kitchen"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE, guess_max = Inf))[columns]
}
files <- basename(Sys.glob(file.path(folder, "kitchen", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")
kinds <- c("take", "put", "serve", "wrong")

# Every frame once: both cooks' files hold the same. What was done, a line for each deed.
rows <- do.call(rbind, lapply(file.path("kitchen", files), read, c(
  "session", "match", "episode", "frame", "infos.blue.did", "infos.pink.did"
)))
rows <- rows[!duplicated(rows[c(game, "frame")]), ]
deeds <- rbind(
  data.frame(rows[game], agent = "blue", did = rows$infos.blue.did),
  data.frame(rows[game], agent = "pink", did = rows$infos.pink.did)
)
deeds <- deeds[deeds$did %in% kinds, ]
counts <- aggregate(sapply(kinds, function(kind) deeds$did == kind), deeds[c(game, "agent")], sum)

# Each cook in each round that was cooked to its end.
seats <- read("episodes.csv", c("session", "participant", "match", "episode", "agent", "partial"))
work <- merge(subset(seats, !partial, select = -partial), counts, by = c(game, "agent"), all.x = TRUE)
work[kinds][is.na(work[kinds])] <- 0
work$deeds <- rowSums(work[kinds])

# Each round. The smaller part is what the less busy cook did of all that was done: 0.5 when both did the same.
rounds <- aggregate(cbind(soups = serve, wrong, deeds) ~ session + match + episode, work, sum)
smaller <- aggregate(cbind(smaller = deeds) ~ session + match + episode, work, min)
rounds <- merge(rounds, smaller, by = game)
rounds$smaller <- rounds$smaller / rounds$deeds

# What they said, beside both rounds together.
cooked <- merge(work[c(who, "match", "episode")], rounds, by = game)
cooked <- merge(
  aggregate(soups ~ session + participant, cooked, sum),
  aggregate(smaller ~ session + participant, cooked, mean, na.action = na.pass), by = who
)
opinions <- read("answers_wide.csv", c("session", "participant", "survey.team", "survey.share", "survey.knew"))
opinions <- merge(opinions, cooked, by = who)

print(work)
print(rounds)
print(opinions)
