#!/usr/bin/env bash
# Pillow 13.0.0: a grey picture of 16 bits becomes white when it is converted to 8.
#
# Expected: `convert("L")` and `convert("RGB")` scale 16 bits a pixel to 8, as the same file in colour is scaled when it is opened.
# Happens:  every value above 255 becomes 255: an ordinary grey PNG of 16 bits turns white; the one in colour keeps its tones.
# Source:   not told in the documentation of modes; libImaging/Convert.c, the converters of I;16, clip.
# Here:     core/images/colours.py scales by `point` before it converts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'pillow==13.0.0'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import struct, zlib
from io import BytesIO
from PIL import Image

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

def png(kind, *values):
    head = struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0)
    rows = zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")

for name, data in (("grey", png(0, 0x8080)), ("colour", png(2, 0x8080, 0x8080, 0x8080))):
    with Image.open(BytesIO(data)) as image:
        print(name, image.mode, image.convert("RGB").getpixel((0, 0)))
PYTHON
)
echo "$seen"

wanted='grey I;16 (255, 255, 255)
colour RGB (128, 128, 128)'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
