# How many soups each pair served in which kitchen, how the work was divided, and what the cooks thought of it.
#
#   Rscript examples/overcooked_pair/analysis/in_r.R data/overcooked_pair
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/overcooked_pair"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "cook", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")
deeds <- c("onion", "plate", "pot", "put", "serve")

# Each round of each pair once: what both were given is the same.
rounds <- read("episodes.csv", c(
  "session", "participant", "scene", "match", "episode", "agent", "condition.layout", "score", "partial"
))
rounds <- subset(rounds, scene == "cook" & !partial)
soups <- rounds[!duplicated(rounds[game]), c(game, "condition.layout", "score")]
names(soups)[5] <- "soups"

# What each cook did, counted; of a pair's rows one file is enough.
rows <- do.call(rbind, lapply(file.path("cook", files), read, c(
  "session", "match", "episode", "frame", "infos.0.did", "infos.1.did"
)))
rows <- rows[!duplicated(rows[c(game, "frame")]), ]
key <- function(table) do.call(paste, table[game])
work <- rounds[c(who, "match", "episode", "agent")]
for (deed in deeds) {
  work[[deed]] <- mapply(function(of, agent) {
    sum(rows[key(rows) == of, paste0("infos.", agent, ".did")] == deed, na.rm = TRUE)
  }, key(work), work$agent)
}

# The share of all deeds that was one's own: 0.5 is half of the work.
work$own <- rowSums(work[deeds])
together <- sapply(key(work), function(of) {
  sum(unlist(rows[key(rows) == of, c("infos.0.did", "infos.1.did")]) %in% deeds)
})
work$share <- work$own / pmax(together, 1)

# What they said, beside their share of the work.
shares <- aggregate(share ~ session + participant, work, mean)
opinions <- read("answers_wide.csv", c(
  "session", "participant", "survey.team", "survey.knew", "survey.share", "survey.again"
))
opinions <- merge(opinions, shares, by = who)

print(soups)
print(work)
print(opinions)
