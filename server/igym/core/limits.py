"""Time limits and sizes the core imposes. Seconds of the server's clock unless the name says otherwise."""

PING_EVERY_S = 2.0
"""How often the host pings each live connection; the silence limit below counts on it."""
RTT_WINDOW = 15
SILENT_AFTER_S = 10.0
"""A live connection that answered nothing for so long is treated as away (a frozen browser)."""
LOST_AFTER_S = 60.0
"""Away for so long = lost: shown to the researcher, others stop waiting."""
ARRIVAL_LIMIT_S = 30 * 60.0
"""Joined but never connected."""

SCREENING_LIMIT_S = 30.0
"""Longest wait for ping samples; what was measured until then decides."""
CALLBACK_LIMIT_S = 5.0
HOOK_LIMIT_S = 5.0
ANSWER_LOST_S = 600.0
"""The host answers every question; one it lost is given up so long after the function's own limit."""
MATCHMAKER_LIMIT_S = 2.0
BRANCH_LIMIT_S = 5.0
PAGE_LIMIT_S = 5.0
REPLAYS_LIMIT_S = 30.0

PROBE_RESULT_S = 5.0
RETURN_PRIORITY_S = 60.0
MATCHING_EVERY_S = 1.0

LINK_LIMIT_S = 15.0
RELAY_LIMIT_S = 15.0
START_LEAD_S = 0.5
"""The start of a match is told so long ahead that every browser hears of it in time."""
LOADING_LIMIT_S = 180.0
MAX_FAILED_MATCHES = 3
PAGE_GRACE_S = 10.0
"""So long after a page's time is up its answers may still come in."""
PAGE_EARLY_S = 2.0
"""Pages count by the browser's clock; so much earlier than the host's is no matter."""
ENDING_LIMIT_S = 30.0
"""After the first member's game_over the others have so long to report theirs."""

MAX_GLOBALS = 500
MAX_GLOBAL_NAME = 120
MAX_GLOBALS_BYTES = 200 * 1024
NOTICE_S = 10.0
PROBLEMS_KEPT = 200
CODE_LENGTH = 8
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that look alike."""
