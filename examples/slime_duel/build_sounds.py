"""Makes the two sounds in assets/: python build_sounds.py. Standard library only."""

import array
import math
import wave
from pathlib import Path

RATE = 22_050
HERE = Path(__file__).resolve().parent


def tone(frequencies, length_s, decay, volume=0.5):
    """Sine waves one after the other, each fading away; 16-bit samples."""
    samples = array.array("h")
    for frequency in frequencies:
        for index in range(int(RATE * length_s)):
            t = index / RATE
            attack = min(1.0, t / 0.004)
            value = math.sin(2 * math.pi * frequency * t) + 0.25 * math.sin(4 * math.pi * frequency * t)
            samples.append(round(32767 * volume * 0.8 * attack * math.exp(-t * decay) * value))
    return samples


def save(samples, path):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    save(tone([392], 0.09, 38), HERE / "assets" / "hit.wav")
    save(tone([523.25, 659.25, 783.99], 0.11, 14, 0.4), HERE / "assets" / "point.wav")
