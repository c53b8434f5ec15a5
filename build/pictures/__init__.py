"""The pictures of the documentation, in their parts: `build/screenshots.py` takes them."""
