#!/bin/bash
# On a machine with a GPU: builds the backend there, runs its tests, and writes device.json into the given folder
# (default: the current one). Run it from anywhere in a copy of the repository that has the pack
# (`npm run pack:device`, packages/backend-cuda/build/device). LIMBECK_FC_RUNS: cases of each property, default 50.
set -uo pipefail
package=$(cd "$(dirname "$0")/.." && pwd)
pack=$package/build/device
out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
work=$package/build/cuda
mkdir -p "$work"
export PATH=$PATH:/usr/local/cuda/bin LIMBECK_FC_RUNS=${LIMBECK_FC_RUNS:-50}
export LIMBECK_CUDA_ADDON=$work/limbeck_cuda.node
steps=()
failed=0

# step NAME COMMAND…: runs it, keeps its output in NAME.log, and notes how it went.
step() {
  local name=$1 begin=$SECONDS status=0
  shift
  "$@" >"$out/$name.log" 2>&1 || status=$?
  [ $status -eq 0 ] || failed=1
  steps+=("{\"step\": \"$name\", \"status\": $status, \"seconds\": $((SECONDS - begin))}")
  echo "$name: $([ $status -eq 0 ] && echo ok || echo "failed ($status)"), $((SECONDS - begin)) s"
  [ $status -eq 0 ] || tail -n 20 "$out/$name.log"
  return $status
}

configure() {
  cmake -S "$package" -B "$work" -DDEVICE=cuda -DCMAKE_BUILD_TYPE=Release "-DNODE_API_INCLUDE=$pack/include" \
    "-DCMAKE_CUDA_ARCHITECTURES=native"
}
unpack() {
  python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' \
    "$pack"/node-*.xz "$work/node" && chmod +x "$work/node"
}
sanitize() {
  compute-sanitizer --error-exitcode 9 --tool "$1" "$work/cuda_test"
}

step unpack unpack
if step configure configure && step build cmake --build "$work" --parallel "$(nproc)"; then
  step tests "$work/node" --test-reporter=tap "$pack/tests.mjs"
fi
if step build-tests cmake --build "$work" --target cuda_test --parallel "$(nproc)"; then
  step native-tests "$work/cuda_test"
  if command -v compute-sanitizer >/dev/null; then
    for tool in memcheck racecheck synccheck initcheck; do step "$tool" sanitize "$tool"; done
  fi
fi

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1)
nvcc=$(nvcc --version 2>/dev/null | grep -o 'release [0-9.]*')
{
  printf '{\n  "gpu": "%s",\n  "nvcc": "%s",\n  "runs": %s,\n  "steps": [\n' "$gpu" "$nvcc" "$LIMBECK_FC_RUNS"
  for i in "${!steps[@]}"; do printf '    %s%s\n' "${steps[$i]}" "$([ "$i" -lt $((${#steps[@]} - 1)) ] && echo ,)"; done
  printf '  ]\n}\n'
} >"$out/device.json"
exit $failed
