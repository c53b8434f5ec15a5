"""Ways for packets between browsers: candidates, and a STUN and TURN server."""
