"""A moving picture that every slide and page shows: an animated GIF from single pictures, with one palette for all."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

from PIL import Image

COLOURS = 256
SAMPLED = 32
"""So many pictures, evenly spread, decide about the palette."""


def gif(pictures: Sequence[bytes], times_ms: Sequence[float], duration_ms: float) -> bytes:
    """The whole file, repeated for ever, from PNG pictures of one size.

    Picture n is shown from `times_ms[n]` on, the last one until `duration_ms`. Pictures that look alike become one
    that is shown for longer. The palette is the same for all: colours of their own would make resting things flicker.
    """
    images = [Image.open(BytesIO(data)).convert("RGB") for data in pictures]
    palette = _palette(images)
    few = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    out = BytesIO()
    shown = _shown_ms(times_ms, duration_ms)
    few[0].save(out, "GIF", save_all=True, append_images=few[1:], duration=shown, loop=0, optimize=False)
    return out.getvalue()


def _palette(images: Sequence[Image.Image]) -> Image.Image:
    """An image that has the colours of all; exactly theirs where they are few."""
    step = -(-len(images) // SAMPLED)
    sample = [*images[::step], images[-1]]
    width, height = sample[0].size
    all_of_them = Image.new("RGB", (width, height * len(sample)))
    for place, image in enumerate(sample):
        all_of_them.paste(image, (0, place * height))
    return all_of_them.quantize(COLOURS, dither=Image.Dither.NONE)


def _shown_ms(times_ms: Sequence[float], duration_ms: float) -> list[int]:
    """For how long each is shown. GIF counts hundredths of a second: rounding the ends keeps the sum true."""
    ends = [round(at / 10) for at in (*times_ms, duration_ms)]
    return [10 * max(1, end - start) for start, end in pairwise(ends)]
