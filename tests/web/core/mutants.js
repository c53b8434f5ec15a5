/**
 * Broken variants of the core. Each is one substitution in its source; `stories` names the kinds of matches that
 * can show it, `seeds` the matches themselves where it takes a rare order of events.
 */
export const MUTANTS = [
  {
    name: "a rollback begins one frame too late",
    file: "timeline.js",
    find: "if (wrong) return frame;",
    put: "if (wrong && frame + 1 < this.frame) return frame + 1;",
  },
  { name: "wrong guesses are never repaired", file: "timeline.js", find: "if (wrong) return frame;", put: "if (wrong) return null;" },
  { name: "saved states are dropped too early", file: "snapshots.js", find: "this.base(stable + 1));", put: "this.base(stable + 6));" },
  { name: "saved states are never dropped", file: "snapshots.js", find: "Math.max(0, this.base(stable + 1));", put: "0;" },
  {
    name: "a state saved on a wrong path is kept",
    file: "timeline.js",
    find: "    this.snapshots.dropAfter(frame);\n    this.#forgetFrom(frame);",
    put: "    this.#forgetFrom(frame);",
  },
  { name: "what is known here counts as known by all", file: "episode.js", find: "Math.min(this.known, ...known)", put: "this.known", stories: ["freeze", "gone", "two_gone", "reload"] },
  { name: "inputs are committed during an agreement", file: "episode.js", find: "if (!this.agreement.voting) this.took", put: "this.took", stories: ["stop", "all_reload"] },
  {
    name: "a guessed terminal frame ends the episode",
    file: "ending.js",
    find: "return frame <= known && frame <= timeline.resultsThrough ? frame : null;",
    put: "return frame <= timeline.resultsThrough ? frame : null;",
  },
  { name: "frames are stepped past a terminal one", file: "timeline.js", find: "      this.cutAfter(frame);\n", put: "" },
  { name: "a packet carries the newest input only", file: "packets.js", find: "ownBlock(episode, peer, ack + 1, ", put: "ownBlock(episode, peer, Math.max(ack + 1, episode.own.committed), " },
  { name: "one input too many is acknowledged", file: "packets.js", find: "ack: theirs - 1, known", put: "ack: theirs, known" },
  { name: "control messages are not sent again", file: "control_channel.js", find: "const RESEND_AFTER_MS = 300;", put: "const RESEND_AFTER_MS = Infinity;" },
  { name: "inputs are taken out of order", file: "input_log.js", find: "frame !== this.columns[player].length || ", put: "" },
  {
    name: "the absent go on with their last action",
    file: "input_log.js",
    find: "(frame >= this.#openFrom(player) ? this.absentInputs[player] : undefined)",
    put: "(frame >= this.#openFrom(player) ? this.guess(player) : undefined)",
    stories: ["gone", "two_gone", "freeze"],
  },
  { name: "a reloaded page makes up its own past", file: "own_inputs.js", find: "if (this.lackPast || target", put: "if (target", seeds: [1049] },
  { name: "no bound on the prediction", file: "episode.js", find: "this.log.known(this.remotePlayers) + this.settings.maxPredictionFrames", put: "this.log.known(this.remotePlayers) + 500" },
  { name: "those who watch are told what is not settled", file: "membership.js", find: "through: back ? known : Math.min(stable, confirmedFrame),", put: "through: known + 3,", stories: ["spectator", "reload", "freeze"] },
  { name: "the side that is behind slows down", file: "time_sync.js", find: "const lead = (ours - theirs) / 2;", put: "const lead = (theirs - ours) / 2;", converge: true },
  { name: "nobody waits for the others' votes", file: "agreement.js", find: "if (!votes.every((other) => other && changesOf(other) === changesOf(vote))) return false;", put: "", stories: ["two_gone", "freeze", "reload"] },
];
