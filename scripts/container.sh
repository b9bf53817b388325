#!/usr/bin/env bash
# Builds the image and tries it for real: strict start-up, health, read-only root, no root user, no
# capabilities, a clean stop. Then brings up docker-compose.yml, the service on a local S3, and trains a model
# there. For Linux; not part of scripts/test.sh.
#
# Without a reachable Docker engine it starts a private one, as root, and stops it at the end (installing
# the Debian packages docker.io and docker-compose if there are none). Where an image cannot be pulled, it
# makes a stand-in of the same name from Debian packages and the programs of this machine, for use here only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

image=credit-risk:try
name=credit-risk-try-$$
engine_data=$PWD/target/container
work=$(mktemp -d)
private_engine=

say() { printf '%s\n' "container: $*"; }
fail() {
  say "FAILED: $*" >&2
  "$docker" logs "$name" 2>/dev/null | tail -20 >&2 || true
  exit 1
}

on_exit() {
  [ -z "${docker:-}" ] || "$docker" rm --force --volumes "$name" >/dev/null 2>&1 || true
  [ ! -d "$work/compose" ] || compose down --volumes >/dev/null 2>&1 || true
  if [ -n "$private_engine" ]; then
    kill "$private_engine" 2>/dev/null || true
    wait "$private_engine" 2>/dev/null || true
    umount "$work/exec/netns/default" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap on_exit EXIT

# A client that can use BuildKit: one with buildx, or one old enough to have it built in.
find_client() {
  local candidate major
  while read -r candidate; do
    major=$("$candidate" version --format '{{.Client.Version}}' 2>/dev/null | cut -d. -f1) || true
    if "$candidate" buildx version >/dev/null 2>&1 || [ "${major:-99}" -lt 23 ]; then
      docker=$candidate
      return 0
    fi
  done < <(type -ap docker | awk '!seen[$0]++')
  return 1
}

install_packages() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "needs $*; install them first"
  fi
  say "installing $*"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >"$work/apt.log" 2>&1 ||
    { cat "$work/apt.log" >&2; fail "apt-get install $*"; }
}

start_engine() {
  if find_client && "$docker" version >/dev/null 2>&1; then
    return
  fi
  [ "$(id -u)" = 0 ] || fail "no Docker engine is reachable, and only root can start one"
  command -v dockerd >/dev/null || install_packages docker.io
  find_client || fail "no Docker client with BuildKit"
  mkdir -p "$engine_data"
  export DOCKER_HOST=unix://$work/engine.sock
  dockerd --data-root "$engine_data" --exec-root "$work/exec" --host "$DOCKER_HOST" --pidfile "$work/engine.pid" \
    --iptables=false --ip6tables=false --bridge=none --exec-opt native.cgroupdriver=cgroupfs \
    >"$work/engine.log" 2>&1 &
  private_engine=$!
  for _ in $(seq 100); do
    "$docker" version >/dev/null 2>&1 && break
    kill -0 "$private_engine" 2>/dev/null || break
    sleep 0.1
  done
  "$docker" version >/dev/null 2>&1 || { tail -20 "$work/engine.log" >&2; fail "the private engine did not start"; }
  say "started a private Docker engine"
}

base_image() {
  local version base
  version=$(sed -n 's/^ARG RUST_VERSION=//p' Dockerfile)
  base=rust:$version-bookworm
  "$docker" image inspect "$base" >/dev/null 2>&1 && return
  say "pulling $base"
  "$docker" pull --quiet "$base" >"$work/pull.log" 2>&1 && return
  say "cannot pull it ($(tail -1 "$work/pull.log" | cut -c1-80)); making a stand-in"
  [[ $(rustc --version) == "rustc $version."* ]] || fail "the stand-in needs rustc $version on this machine"
  command -v debootstrap >/dev/null || install_packages debootstrap
  debootstrap --variant=minbase --include=ca-certificates,gcc,g++,libc6-dev,make,pkg-config \
    bookworm "$work/root" >"$work/debootstrap.log" 2>&1 || { tail "$work/debootstrap.log" >&2; fail "debootstrap"; }
  mkdir -p "$work/root/usr/local/rust"
  cp -a "$(rustc --print sysroot)"/{bin,lib} "$work/root/usr/local/rust/"
  # the machine's own certificates: it may reach the package registries through a proxy
  cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
  tar -C "$work/root" --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/lib/apt/lists/*' \
    --exclude='./dev/*' -c . |
    "$docker" import -c 'ENV CARGO_HOME=/usr/local/cargo' \
      -c 'ENV PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$base" >/dev/null
  rm -rf "$work/root"
}

# The local S3 of docker-compose.yml.
object_store_image() {
  local image
  image=$(sed -n 's/^ *image: \(chrislusf.*\)/\1/p' docker-compose.yml)
  "$docker" image inspect "$image" >/dev/null 2>&1 && return
  say "pulling $image"
  "$docker" pull --quiet "$image" >"$work/pull.log" 2>&1 && return
  say "cannot pull it; making a stand-in"
  bash scripts/tools.sh servers
  install -D "$(realpath target/tools/bin/weed)" "$work/weed/usr/bin/weed"
  install -d "$work/weed/tmp" "$work/weed/data"
  tar -C "$work/weed" -c . | "$docker" import -c 'ENV PATH=/usr/bin' - "$image" >/dev/null
  rm -rf "$work/weed"
}

# compose ARGUMENT...: as a user would call it, in a folder of its own
compose() {
  local command=(docker-compose)
  "$docker" compose version >/dev/null 2>&1 && command=("$docker" compose)
  (cd "$work/compose" && COMPOSE_PROJECT_NAME=credit-risk-try CREDIT_RISK_CORS_ORIGINS=https://loans.example \
    S3_ACCESS_KEY_ID=try-access-key S3_SECRET_ACCESS_KEY=try-secret-access-key "${command[@]}" "$@")
}

free_port() {
  local port=18080
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# get PATH [HEADER]: the whole answer to a GET request
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n' "$1" "${2:+$2$'\r\n'}" >&3
  cat <&3
  exec 3>&-
}

# send METHOD PATH HEADER JSON: the whole answer
send() {
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n%s\r\nContent-Length: %d\r\n\r\n%s' \
    "$1" "$2" "$3" "${#4}" "$4" >&3
  cat <&3
  exec 3>&-
}

# expect STATUS PATH [HEADER]
expect() {
  local answer
  answer=$(get "${@:2}")
  [[ $answer == "HTTP/1.1 $1 "* ]] || fail "GET $2: expected $1, got ${answer%%$'\r'*}"
  say "GET $2 -> $1"
}

confined=(--read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp --network host
  --memory 1g --pids-limit 256 --env CREDIT_RISK_ENVIRONMENT=staging)

must_refuse() {
  local code=0
  timeout 30 "$docker" run --name "$name" "${confined[@]}" --env CREDIT_RISK_CORS_ORIGINS=https://loans.example \
    "$image" >"$work/refused.log" 2>&1 || code=$?
  "$docker" rm --force --volumes "$name" >/dev/null
  case $code in
    0 | 124 | 125 | 126 | 127) cat "$work/refused.log" >&2; fail "without keys in staging: expected a refusal, got exit code $code" ;;
    *) say "without keys in staging it refuses to start (exit code $code)" ;;
  esac
}

start_service() {
  local key=$1
  install -d -m 0755 "$work/secrets"
  printf '%s\n' "$key" >"$work/secrets/api_keys"
  chmod 0444 "$work/secrets/api_keys"
  chmod 0755 "$work"
  "$docker" run --detach --name "$name" "${confined[@]}" --env CREDIT_RISK_HOST=127.0.0.1 \
    --env CREDIT_RISK_PORT="$port" --env CREDIT_RISK_CORS_ORIGINS=https://loans.example \
    --volume "$work/secrets/api_keys:/run/secrets/credit_risk_api_keys:ro" \
    --health-interval 1s "$image" >/dev/null
}

wait_healthy() {
  local state
  for _ in $(seq 60); do
    state=$("$docker" inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$name")
    case $state in
      "running healthy") say "healthy"; return ;;
      running*) sleep 0.5 ;;
      *) break ;;
    esac
  done
  fail "not healthy: $state"
}

check_confinement() {
  local pid
  pid=$("$docker" inspect --format '{{.State.Pid}}' "$name")
  [ "$(awk '/^Uid:/ { print $2, $3 }' "/proc/$pid/status")" = "10001 10001" ] || fail "does not run as user 10001"
  [ "$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")" = 0000000000000000 ] || fail "has capabilities"
  awk '$5 == "/" { exit $6 !~ /^ro(,|$)/ }' "/proc/$pid/mountinfo" || fail "its root is writable"
  say "runs as user 10001 without capabilities on a read-only root"
}

stop_service() {
  local started=$SECONDS code
  "$docker" stop --time 10 "$name" >/dev/null
  code=$("$docker" inspect --format '{{.State.ExitCode}}' "$name")
  [ "$code" = 0 ] || fail "stopped with exit code $code"
  say "stopped by SIGTERM with exit code 0 in $((SECONDS - started)) s"
}

# The service of docker-compose.yml, on another port: it waits for the local S3, trains, and stores the model there.
try_compose() {
  local key=$1 answer plan='{"model_type": "logistic_regression", "target": "credit_risk", "event": "bad"}'
  "$docker" compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
    install_packages docker-compose
  mkdir -p "$work/compose/secrets"
  sed "s/127.0.0.1:8080:8080/127.0.0.1:$port:8080/" docker-compose.yml >"$work/compose/docker-compose.yml"
  printf '%s\n' "$key" >"$work/compose/secrets/api_keys"
  chmod 0444 "$work/compose/secrets/api_keys"
  "$docker" tag "$image" credit-risk
  compose up --detach --no-build >"$work/compose.log" 2>&1 || { cat "$work/compose.log" >&2; fail "compose up"; }
  for _ in $(seq 120); do
    [[ $(get /ready 2>/dev/null) == "HTTP/1.1 200 "* ]] && break
    sleep 0.5
  done
  expect 200 /ready
  answer=$(send POST /train "Authorization: Bearer $key" "$plan")
  [[ $answer == *'"storage":"stored"'* ]] || { compose logs >&2; fail "a training on S3 answered ${answer:0:300}"; }
  answer=$(send POST "/models/$(sed -n 's/.*"model_id":"\([^"]*\)".*/\1/p' <<<"$answer" | head -1)/persist" \
    "Authorization: Bearer $key" '')
  [[ $answer == *'"path":"s3://credit-risk-models/models/'* ]] || fail "persist answered $answer"
  say "compose: trained a model, stored at $(sed 's/.*"path":"\([^"]*\)".*/\1/' <<<"$answer" | tail -1)"
  compose down --volumes >>"$work/compose.log" 2>&1 || fail "compose down"
}

start_engine
base_image
say "building $image"
started=$SECONDS
DOCKER_BUILDKIT=1 "$docker" build --network host --tag "$image" . >"$work/build.log" 2>&1 ||
  { tail -40 "$work/build.log" >&2; fail "docker build"; }
say "built in $((SECONDS - started)) s"
[ "$("$docker" inspect --format '{{.Config.User}}' "$image")" = 10001:10001 ] || fail "the image has another user"

must_refuse
port=$(free_port)
key=sk_test_$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
start_service "$key"
wait_healthy
expect 200 /health
check_confinement
stop_service
object_store_image
port=$(free_port)
try_compose "$key"
say "image size $("$docker" image inspect --format '{{.Size}}' "$image" | numfmt --to=iec)"
