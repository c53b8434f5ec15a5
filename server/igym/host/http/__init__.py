"""Requests and answers: files for browsers, bodies, cookies, and by which names this computer is asked."""
