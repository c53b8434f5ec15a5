"""Qt table models over the snapshots the engine sends."""
