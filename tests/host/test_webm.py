"""The container of a video: its elements nest, every picture is there once, and whoever seeks finds a key frame."""

from __future__ import annotations

from collections.abc import Iterator

from igym.host.replay.webm import Picture, webm

MASTERS = {0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675, 0x1C53BB6B, 0xBB, 0xB7}
SEGMENT, CLUSTER, CUE_PLACE, BLOCK, TIME = 0x18538067, 0x1F43B675, 0xF1, 0xA3, 0xE7


def elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(identifier, where its content begins, where it ends) of all elements, outer ones first."""
    while at < end:
        length = 9 - data[at].bit_length()
        identifier = int.from_bytes(data[at : at + length])
        size = int.from_bytes(data[at + length : at + length + 8]) & ~(0xFF << 56)
        begin = at + length + 8
        yield identifier, begin, begin + size
        if identifier in MASTERS:
            yield from elements(data, begin, begin + size)
        at = begin + size
    assert at == end, "what is inside fills it exactly"


def test_every_picture_is_there_once_at_its_time_and_cues_lead_to_clusters() -> None:
    pictures = [Picture(bytes([n]) * (n + 1), n * 1000 / 30, n % 60 == 0) for n in range(150)]
    data = webm(pictures, "vp9", 400, 240, 5000.0)
    found = list(elements(data, 0, len(data)))
    clusters = [(begin, end) for identifier, begin, end in found if identifier == CLUSTER]
    assert len(clusters) == 3
    times = []
    for begin, end in clusters:
        inside = list(elements(data, begin, end))
        (start,) = (int.from_bytes(data[b:e]) for identifier, b, e in inside if identifier == TIME)
        blocks = [data[b:e] for identifier, b, e in inside if identifier == BLOCK]
        assert blocks[0][3] == 0x80 and all(block[3] == 0 for block in blocks[1:]), "each begins with a key frame"
        times += [(start + int.from_bytes(block[1:3]), block[4:]) for block in blocks]
    assert times == [(round(one.at_ms), one.data) for one in pictures]
    (segment,) = (begin for identifier, begin, _ in found if identifier == SEGMENT)
    cues = [segment + int.from_bytes(data[b:e]) for identifier, b, e in found if identifier == CUE_PLACE]
    assert [data[at : at + 4] for at in cues] == [CLUSTER.to_bytes(4)] * 3
