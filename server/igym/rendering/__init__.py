"""Drawing from Python, in the browser and on the host."""
