"""Makes the two sounds in assets/: python build_sounds.py. Standard library only."""

import array
import math
import wave
from pathlib import Path

RATE = 22_050
HERE = Path(__file__).resolve().parent


def tone(frequencies, length_s, decay, volume):
    """Notes one after the other, each fading away; 16-bit samples."""
    samples = array.array("h")
    for frequency in frequencies:
        for index in range(int(RATE * length_s)):
            t = index / RATE
            fade = min(1.0, t / 0.004) * math.exp(-t * decay)
            samples.append(round(32767 * volume * fade * math.sin(2 * math.pi * frequency * t)))
    return samples


def save(samples, path):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    (HERE / "assets").mkdir(exist_ok=True)
    save(tone([150], 0.1, 30, 0.5), HERE / "assets" / "bump.wav")
    save(tone([659.25, 880, 1174.66], 0.08, 16, 0.35), HERE / "assets" / "star.wav")
