/**
 * What of the rollback's news the person running the study should be able to look up afterwards.
 * @module
 */

export const TOLD = new Set([
  "desync", "resynced", "resync_failed", "incompatible", "left_behind", "caught_up", "peer_absent", "peer_returned", "split", "episode_ahead", "refused",
]); // prettier-ignore
