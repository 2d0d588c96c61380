"""The bytes of websocket frames (RFC 6455, 5.2): finds the end and the payload of a client's frame, and writes the hub's."""

from __future__ import annotations

from websockets.frames import apply_mask

FIN_TEXT, FIN_PONG = 0x81, 0x8A
MASKED, LENGTH = 0x80, 0x7F
MASK_SIZE = 4
# The end of a frame is not known yet, because its head is not complete.
UNKNOWN = -1


def frame_end(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Returns `(start, end)` of the frame that begins at `at`: where its mask begins, and the first byte after the frame.

    `end` may lie beyond `data`, and is `UNKNOWN` while the head is not complete. For a frame without a mask, which clients
    may not send, `start` is 0.
    """
    size = len(data)
    if size < at + 2:
        return at + 2, UNKNOWN
    second, start = data[at + 1], at + 2
    if second < MASKED:
        return 0, UNKNOWN
    length = second & LENGTH
    if length > 125:
        start += 2 if length == 126 else 8
        if size < start:
            return start, UNKNOWN
        length = int.from_bytes(data[at + 2 : start], "big")
    return start, start + MASK_SIZE + length


def unmasked(data: bytes | bytearray, start: int, end: int) -> bytes:
    """Returns the unmasked payload of a frame; `start` and `end` as `frame_end` returns them."""
    payload = start + MASK_SIZE
    return apply_mask(data[payload:end], data[start:payload])


def lone_text(data: bytes) -> bytes | None:
    """Returns the unmasked payload of a complete text frame of less than 64 KiB that is all of `data`; None for anything else.

    Nearly all that a socket reads is such a frame.
    """
    size = len(data)
    if size < 8 or data[0] != FIN_TEXT:
        return None
    second = data[1]
    if second == MASKED + size - 6 and size < 6 + 126:
        return apply_mask(data[6:], data[2:6])
    if second == MASKED + 126 and int.from_bytes(data[2:4], "big") == size - 8:
        return apply_mask(data[8:], data[4:8])
    return None


def encoded(text: str) -> bytes:
    """Returns a complete, unmasked text frame (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
