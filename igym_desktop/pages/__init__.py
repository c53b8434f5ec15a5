"""One widget per entry of the sidebar. Pages show state and emit wishes; they own no flow."""
