"""One session on several computers: edges hold the participants' sockets, the core decides, Redis is between them."""
