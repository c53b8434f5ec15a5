"""The sockets of participants."""
