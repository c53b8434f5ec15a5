"""Child processes, and the researcher's functions, browsers and consoles in them."""
