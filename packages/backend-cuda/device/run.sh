#!/bin/bash
# On a machine with a GPU, nvcc, CMake and Python, but neither Node nor a network: unpacks Node from the pack (`npm run
# pack:device` makes packages/backend-cuda/build/device) and starts run.mjs, which says what can be chosen.
#
#   run.sh OUT [--commit SHA] [--limit SECONDS] [STAGE…]
#
# OUT gets device.json and a log of each stage. DEVICE=emu takes the emulation in place of CUDA.
set -uo pipefail
device=$(cd "$(dirname "$0")" && pwd)
pack=$device/../build/device
out=${1:?OUT, the folder for the results, is missing}
mkdir -p "$out"
export PATH=$PATH:/usr/local/cuda/bin
node=$device/../build/node
if [ ! -x "$node" ]; then
  unpack='import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))'
  { xz -dc "$pack"/node-*.xz >"$node" || python3 -c "$unpack" "$pack"/node-*.xz "$node"; } 2>"$out/build.log" &&
    chmod +x "$node" || rm -f "$node"
fi
if ! "$node" --version >>"$out/build.log" 2>&1; then
  echo '{ "stages": [{ "stage": "build", "status": "failed", "reason": "Node could not be unpacked or started" }] }' >"$out/device.json"
  cat "$out/build.log"
  exit 1
fi
exec "$node" "$device/run.mjs" "$@"
