"""Makes the three sounds in assets/: python build_sounds.py. Standard library only."""

import array
import math
import wave
from pathlib import Path

RATE = 22_050
ASSETS = Path(__file__).resolve().parent / "assets"
SOUNDS = {"tick": (1500, 0.04, 90), "person": (196, 0.16, 24), "partner": (294, 0.16, 24)}
"""Name → pitch in Hz, length in s, how fast it fades."""


def drum(pitch, length_s, decay):
    """A struck skin: its pitch falls a little while it fades; 16-bit samples."""
    samples, phase = array.array("h"), 0.0
    for index in range(int(RATE * length_s)):
        t = index / RATE
        phase += 2 * math.pi * pitch * (1 + 0.6 * math.exp(-t * 60)) / RATE
        samples.append(round(32767 * 0.5 * min(1.0, t / 0.002) * math.exp(-t * decay) * math.sin(phase)))
    return samples


def save(samples, path):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    for name, shape in SOUNDS.items():
        save(drum(*shape), ASSETS / f"{name}.wav")
