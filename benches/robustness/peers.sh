#!/usr/bin/env bash
# Makes a Python with the peers in it, in the folder named: peers.sh FOLDER; then: --peers FOLDER/bin/python
set -euo pipefail
folder=${1:?the folder to make, outside of the tree}
python3 -m venv "$folder"
"$folder/bin/pip" install -q blind_watermark==0.4.4 opencv-python-headless numpy pillow PyWavelets
# Its torch, of a gigabyte, is for the network alone, which is not measured.
"$folder/bin/pip" install -q --no-deps invisible-watermark==0.2.0
echo "$folder/bin/python"
