"""High dynamic range on an ordinary screen: the curves of PQ and HLG, with their highlights rolled off.

A picture that a camera stored as PQ or HLG looks grey and flat where it is shown as sRGB. Here each channel gets a curve
from its code to light on a screen whose white is `WHITE` nits: up to about half of that everything stays, and what is
brighter is compressed below white instead of cut off. Sources: PQ and HLG as in ITU-R BT.2100-2 (tables 4 and 5), the roll-off
as in BT.2390-11 (section 5.4.1), white as in BT.2408-7. A picture with a gain map needs none of this: it is made for such screens.
"""

from __future__ import annotations

import struct

PQ, HLG = 16, 18  # as ITU-T H.273 numbers them
# Nits: an ordinary screen's white, and the brightest that a picture is taken to hold.
WHITE, BRIGHTEST = 203.0, 1000.0
POINTS = 1024

M1, M2 = 2610 / 16384, 2523 / 4096 * 128
C1, C2, C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
A, B, C = 0.17883277, 0.28466892, 0.55991073
GAMMA = 1.2


def tone_curve(transfer: int) -> bytes:
    """An ICC `curv` tag (ICC.1:2022, 10.6) from the codes of PQ or HLG to the light of an ordinary screen."""
    nits = pq_nits if transfer == PQ else hlg_nits
    points = [round(65535 * rolled_off(nits(n / (POINTS - 1))) / WHITE) for n in range(POINTS)]
    return struct.pack(f">4sII{POINTS}H", b"curv", 0, POINTS, *points)


def pq_nits(code: float) -> float:
    """The light in nits of a PQ code from 0 to 1."""
    root = code ** (1 / M2)
    return float(10_000 * (max(root - C1, 0) / (C2 - C3 * root)) ** (1 / M1))


def pq_code(nits: float) -> float:
    """The PQ code of a light in nits."""
    power = (nits / 10_000) ** M1
    return float(((C1 + C2 * power) / (1 + C3 * power)) ** M2)


def hlg_nits(code: float) -> float:
    """The light in nits of an HLG code from 0 to 1, on a screen of `BRIGHTEST` nits."""
    scene = code * code / 3 if code <= 0.5 else (2.718281828459045 ** ((code - C) / A) + B) / 12
    return float(BRIGHTEST * min(1.0, scene) ** GAMMA)


def rolled_off(nits: float) -> float:
    """The light on a screen of `WHITE` nits: up to half of that unchanged, brighter light compressed towards white."""
    top, most = pq_code(BRIGHTEST), pq_code(WHITE) / pq_code(BRIGHTEST)
    code, knee = min(1.0, pq_code(nits) / top), 1.5 * most - 0.5
    if code > knee:
        t = (code - knee) / (1 - knee)
        code = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return min(WHITE, pq_nits(code * top))
