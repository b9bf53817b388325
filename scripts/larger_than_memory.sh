#!/usr/bin/env bash
# Trains a scorecard on a data set that is larger than the memory the system lets it have.
#
#   scripts/larger_than_memory.sh [MEBIBYTES [LIMIT [BUDGET]]]
#
# MEBIBYTES of made-up loans (default 3072) are trained with BUDGET MiB for data (default 400) by a
# process whose whole address space, what is resident included, is limited to LIMIT MiB (default
# 512). A smaller set of the same loans is trained both in memory and by streaming first; their
# coefficients must agree to 1e-8. Files go to TMPDIR and are deleted. EXAMPLE may name a binary
# that is built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mebibytes=${1:-3072}
limit=${2:-512}
budget=${3:-400}
example=${EXAMPLE:-}
if [ -z "$example" ]; then
  cargo build --release --locked --example larger_than_memory
  example=target/release/examples/larger_than_memory
fi

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

"$example" generate "$directory/some.csv" 20
"$example" compare "$directory/some.csv" 32
rm "$directory/some.csv"
"$example" generate "$directory/loans.csv" "$mebibytes"

(
  ulimit -v $((limit * 1024))
  exec "$example" train "$directory/loans.csv" "$budget"
) &
training=$!
# The kernel keeps the greatest resident size; the last answer before the end counts.
peak=0
while kill -0 "$training" 2>/dev/null; do
  now=$(awk '/^VmHWM:/ { print $2 }' "/proc/$training/status" 2>/dev/null || true)
  if [ "${now:-0}" -gt "$peak" ]; then peak=$now; fi
  sleep 0.2
done
wait "$training"
echo "most resident: $((peak / 1024)) MiB, limit $limit MiB"
[ "$peak" -le $((limit * 1024)) ]
