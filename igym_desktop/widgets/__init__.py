"""Small reusable parts of the launcher's pages."""
