"""The pages: who may open them, under which address, and what they ask for."""
