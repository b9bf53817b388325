#!/usr/bin/env bash
# Costs of training beside scikit-learn, LightGBM and XGBoost, on the same rows and one thread each.
#
#   benches/compare/run.sh [ROWS] [TIMES]      1,000,000 rows, 3 times, unless told otherwise
#
# Needs Python 3.10 or later, curl, about 1.5 GB of memory and 600 MB of disk per million rows. The
# environment, the rows and the program stay under target/compare for the next run. PYTHON names another
# interpreter; with COMPARE_PYTHON, its environment is used as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rows=${1:-1000000} times=${2:-3}
place=${CARGO_TARGET_DIR:-target}/compare
mkdir -p "$place"

python=${COMPARE_PYTHON:-$place/venv/bin/python}
if [ -z "${COMPARE_PYTHON:-}" ] && [ ! -x "$python" ]; then
  "${PYTHON:-python3}" -m venv "$place/venv"
  "$python" -m pip install --quiet --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 lightgbm==4.7.0 xgboost==3.2.0 pandas==3.1.1
fi

program=${COMPARE_PROGRAM:-}
if [ -z "$program" ]; then
  program=$(cargo bench --bench compare --no-run --locked --message-format=json |
    "$python" -c 'import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "compare":
        print(message["executable"])')
fi

file=$("$python" benches/compare/compare.py data "$rows" "$place")
"$python" benches/compare/compare.py table "$program" "$file" "$times"

service=${COMPARE_SERVICE:-}
if [ -z "$service" ]; then
  cargo build --profile bench --locked --bin credit-risk
  service=${CARGO_TARGET_DIR:-target}/release/credit-risk
fi
"$python" benches/compare/service.py "$service" "$file" "$times"
