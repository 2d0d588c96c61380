#!/usr/bin/env bash
# Pillow 13.0.0: a file opened as one of formats=("JPEG",) says that its format is MPO.
#
# Expected: an image that `Image.open(…, formats=("JPEG",))` lets in has the format "JPEG": nothing else was allowed.
# Happens:  a JPEG with a second picture behind it, as phones write for depth and HDR gain maps, comes back as "MPO"; a table of
#           media types by format has no such key, and a photo of such a phone is refused.
# Source:   PIL/JpegImagePlugin.py, jpeg_factory; the documentation of MPO does not tell of `formats`.
# Here:     core/images/decoding.py names both JPEG.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'pillow==13.0.0'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from io import BytesIO
from PIL import Image

out = BytesIO()
Image.new("RGB", (64, 48), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
print("starts as a JPEG:", out.getvalue()[:3] == b"\xff\xd8\xff")
with Image.open(BytesIO(out.getvalue()), formats=("JPEG",)) as image:
    print("format:", image.format)
PYTHON
)
echo "$seen"

wanted='starts as a JPEG: True
format: MPO'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
