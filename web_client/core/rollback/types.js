/**
 * The shapes that cross the border of the rollback core.
 * @module
 */

/**
 * What the environment must do, in this order. A step that is terminal ends the list: whatever follows it is not run.
 * @typedef {{type: "load", frame: number}} LoadRequest restore the state saved before step `frame`
 * @typedef {{type: "save", frame: number}} SaveRequest save the state before step `frame`
 * @typedef {{type: "step", frame: number, inputs: number[], predicted: boolean, checksum: boolean, draw: boolean}} StepRequest
 *   `inputs`: one per player; `predicted`: at least one of them is a guess; `checksum`: report one for the state after this step;
 *   `draw`: this is the frame to show (false while replaying or catching up)
 * @typedef {LoadRequest | SaveRequest | StepRequest} Request
 */

/**
 * Frames that are final once the requests of the same tick have run.
 * @typedef {{first: number, last: number, inputs: number[][]}} Confirmed `inputs[i][player]` belongs to frame `first + i`
 */

/**
 * What happened; nobody has to react. Types: `stalled`, `skipped`, `rolled_back`, `peer_absent`, `peer_returned`, `left_behind`,
 * `caught_up`, `desync`, `resynced`, `incompatible`, `state_wanted`, `state_received`, `paused`, `resumed`, `episode_ended`.
 * @typedef {{type: string, [key: string]: any}} Event
 */

/**
 * What one tick asks of the env, and what became final and happened with it.
 * @typedef {object} Orders
 * @property {Request[]} requests
 * @property {Confirmed | null} confirmed
 * @property {Event[]} events
 * @property {boolean} took the local inputs were taken for a frame; false: they were not needed (a stall, a pause), so offer a key stroke again
 * @property {number | null} inputFrame the frame they were taken for, some frames ahead where inputs wait; null: none
 * @property {number} keepFrom snapshots of earlier frames may be dropped, except those in `anchors`
 * @property {number[]} anchors frames whose snapshot must be kept although they are older than `keepFrom`
 */

/**
 * What running one step gave.
 * @typedef {object} StepResult
 * @property {number} frame
 * @property {string | number} [checksum] of the state after the step, when it was asked for
 * @property {boolean | string} [terminal] true or the reason ("terminated", "truncated") when the episode ends with this frame
 */

/** @typedef {{peer: number, bytes: Uint8Array}} Packet */

/**
 * @typedef {object} Stats
 * @property {number} frame next frame to step
 * @property {number} confirmed last confirmed frame, -1 before the first
 * @property {number} stalls ticks without a frame because inputs were missing
 * @property {number} skips ticks given away to let the others catch up
 * @property {number} rollbacks
 * @property {number} rollbackFrames frames replayed
 * @property {number} rollbackFramesMax the longest replay
 * @property {number} malformed packets dropped because they could not be read
 * @property {number} ignored packets dropped because they belonged to another episode or membership
 * @property {number} snapshots saved states that may still be asked for
 */

/**
 * @typedef {object} Rollback
 * @property {number} frame next frame to step
 * @property {number} confirmedFrame last confirmed frame, -1 before the first
 * @property {boolean} ended the episode is over and agreed
 * @property {boolean} settled it is over for everybody who is not gone: the next one may begin
 * @property {boolean} isAwaited somebody is in a later episode already
 * @property {boolean} behind the others play a later episode without us
 * @property {number} pace length of a tick relative to 1000 / fps, for `Ticker.setPace` (only with timeSync "stretch")
 * @property {number} inputDelayFrames in use now
 * @property {(localInputs: (number | null)[], nowMs: number) => Orders} advance one tick; one input per local player, in the order of `local` (null: none yet, with `awaitInputs`)
 * @property {(results: StepResult[]) => void} ran one result for each step that ran, in order
 * @property {(peer: number, bytes: Uint8Array, nowMs: number) => void} receive only stores
 * @property {(nowMs: number) => Packet[]} outgoing for the unreliable channel, at most one packet a peer
 * @property {() => Packet[]} outgoingReliable for the reliable, ordered channel; nothing may be lost
 * @property {(frame: number, chain: string) => void} sealed the row chain after this confirmed row
 * @property {() => void} pause
 * @property {() => void} resume
 * @property {(reason: string) => void} requestEnd end the episode at the earliest frame all can agree on
 * @property {(peer: number) => void} declareAbsent that peer is gone: its players act the default action from an agreed frame, and it is not waited for
 * @property {(peer: number, rttMs: number) => void} setRtt
 * @property {(first: number, inputs: number[][], marks?: number[][], teller?: number | null) => void} feed confirmed inputs from the host's ledger,
 *   `inputs[i][player]`, with what `marks` gave for them; `teller`: the one whose word alone they are, taken if what it says of others can be shown
 * @property {(first: number, count: number) => number[][]} marks per confirmed frame what shows others that these inputs were made; none without `keys`
 * @property {(frame: number, bytes: Uint8Array) => void} offerState the answer to `state_wanted`
 * @property {(frame: number) => void} stateLoaded the state of `state_received` lies in the snapshot ring under `frame`
 * @property {(options?: {episode?: number, maxSteps?: number | null, rejoin?: boolean, wantState?: boolean}) => void} startEpisode the next one, from frame 0
 * @property {() => Stats} stats
 */

export {};
