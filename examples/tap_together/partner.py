"""The partner that is no person: how it taps, and what it says afterwards.

It corrects a share of each asynchrony in the tap that follows, as people do (linear phase correction: Vorberg and
Schulze, 2002; as a partner for people: Repp and Keller, 2008).
"""

from tapping import BEAT

JOINS = 3
"""It listens to so many ticks first."""


def steady(observation, agent, rng, memory, jitter=1):
    """Keeps its own beat, whatever the other does."""
    return tap(observation, rng, memory, 0.0, jitter)


def adaptive(observation, agent, rng, memory, correction=0.5, jitter=1):
    """Meets the other half way."""
    return tap(observation, rng, memory, correction, jitter)


def tap(observation, rng, memory, correction, jitter):
    """1 when it is time. `jitter`: each of its intervals is up to so many frames longer or shorter, as a hand's are."""
    now, own, other = (int(number) for number in observation)
    due = memory.get("due", JOINS * BEAT)
    if other >= 0 and other != memory.get("heard", -1):
        memory["heard"] = other
        apart = min((own - other, due - other), key=abs) if own >= 0 else due - other
        # A tap that is nearer to another beat tells nothing of this one.
        due -= correction * apart if abs(apart) <= BEAT // 2 else 0
    taps = now >= due
    if taps:
        due += BEAT + int(rng.integers(-jitter, jitter + 1))
    memory["due"] = due
    return int(taps)


# Nothing of this may hint at how it tapped: people are asked about that afterwards.
SAYS = {
    "en": (
        "hi! that was harder than i thought, once the ticks were gone",
        "did you count the beats? i did not",
        "are you tired of drums now? shall we say goodbye?",
        "bye, it was fun",
    ),
    "de": (
        "hallo! ohne das ticken war es schwerer als gedacht",
        "hast du die schläge gezählt? ich nicht",
        "hast du jetzt genug vom trommeln? wollen wir tschüss sagen?",
        "tschüss, hat spaß gemacht",
    ),
}


def reply(talk):
    """One line after the other, whatever is said; then it says nothing more."""
    said = sum(message.mine for message in talk.messages)
    lines = SAYS.get(talk.people[0].language, SAYS["en"])
    return lines[said] if said < len(lines) else None
