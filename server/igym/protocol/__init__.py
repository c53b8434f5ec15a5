"""Every message between the engine and a browser, as a frozen type."""
