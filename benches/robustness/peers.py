"""Watermarks of other projects, for the bench: a request a line on standard input, an answer a line on standard output.

Needs blind_watermark 0.4.4 and invisible-watermark 0.2.0 (the latter without its torch), see peers.sh.
"""

import json
import os
import sys
import time
import types

os.environ["OMP_NUM_THREADS"] = "1"
# The answers go out by the real standard output; what libraries print does not.
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import cv2
import numpy as np

cv2.setNumThreads(1)
BITS = 64


class BlindWatermark:
    """Bits in the singular values of DCT blocks; reads at the size it was written at."""

    def __init__(self):
        from blind_watermark import WaterMark

        self.make = lambda: WaterMark(password_img=1, password_wm=1, processes=1)

    def embed(self, picture, bits):
        mark = self.make()
        mark.read_img(img=picture)
        mark.read_wm([bool(bit) for bit in bits], mode="bit")
        return np.clip(np.rint(mark.embed()), 0, 255).astype(np.uint8)

    def detect(self, picture):
        return self.make().extract(embed_img=picture, wm_shape=BITS, mode="bit")


class InvisibleWatermark:
    """The classical methods of invisible-watermark."""

    def __init__(self, method):
        # Only its network needs torch; its classical methods are imported in the same breath.
        sys.modules.setdefault("torch", types.ModuleType("torch"))
        sys.modules.setdefault("onnxruntime", types.ModuleType("onnxruntime"))
        import imwatermark

        self.library, self.method = imwatermark, method

    def embed(self, picture, bits):
        encoder = self.library.WatermarkEncoder()
        encoder.set_watermark("bits", [int(bit) for bit in bits])
        return encoder.encode(picture, self.method)

    def detect(self, picture):
        return self.library.WatermarkDecoder("bits", BITS).decode(picture, self.method)


METHODS = {
    "blind_watermark": BlindWatermark,
    "iwm_dwtDct": lambda: InvisibleWatermark("dwtDct"),
    "iwm_dwtDctSvd": lambda: InvisibleWatermark("dwtDctSvd"),
}


def answer(method, request):
    if request["do"] == "start":
        return {}
    picture = cv2.imread(request["in"], cv2.IMREAD_COLOR)
    begin = time.process_time()
    if request["do"] == "embed":
        number = int(request["payload"], 16)
        marked = method.embed(picture, [(number >> (BITS - 1 - at)) & 1 for at in range(BITS)])
        used = time.process_time() - begin
        cv2.imwrite(request["out"], marked, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return {"cpu": used}
    bits = method.detect(picture)
    used = time.process_time() - begin
    number = sum(int(float(bit) > 0.5) << (BITS - 1 - at) for at, bit in enumerate(bits))
    return {"cpu": used, "payload": f"{number:016x}"}


def main():
    method = None
    for line in sys.stdin:
        try:
            method = method or METHODS[sys.argv[1]]()
            reply = answer(method, json.loads(line))
        except Exception as error:  # what a picture of an odd size does to a peer is its answer, not our end
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=out, flush=True)


main()
