"""Playing recorded episodes again, in a browser or in this computer's Python, from exported files alone."""
