"""The files of a session, made beside it: tables, exports, withdrawals, and how long they are kept."""
