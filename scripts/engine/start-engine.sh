#!/usr/bin/env bash
# Brings a Docker engine up where none answers: on Debian or Ubuntu, as root. Does nothing where one does.
# Its log is in /var/log/squall-dockerd.log.
set -euo pipefail

answers() {
  command -v docker >/dev/null && docker info >/dev/null 2>&1
}

if answers; then
  exit 0
fi
if [ -n "${DOCKER_HOST:-}" ]; then
  echo "No Docker engine answers at DOCKER_HOST=$DOCKER_HOST: start that one, or unset DOCKER_HOST." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "No Docker engine answers, and only root can start one: start Docker, or run this with sudo." >&2
  exit 1
fi

if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null || ! command -v iptables >/dev/null; then
  if ! command -v apt-get >/dev/null; then
    echo "There is no dockerd and no apt-get to install it: install Docker (docs.docker.com/engine/install)." >&2
    exit 1
  fi
  echo "installing docker.io and iptables"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends docker.io iptables
fi
# Some packages start the engine by themselves.
if answers; then
  exit 0
fi

log=/var/log/squall-dockerd.log
# In a session of its own: it outlives this script and its terminal.
setsid dockerd >"$log" 2>&1 </dev/null &
dockerd_pid=$!
for _ in $(seq 300); do
  if answers; then
    echo "dockerd is up: $(docker version --format '{{.Server.Version}}'), log in $log"
    exit 0
  fi
  if ! kill -0 "$dockerd_pid" 2>/dev/null; then
    break
  fi
  sleep 0.2
done
echo "dockerd did not come up; its last lines:" >&2
tail -n 20 "$log" >&2
exit 1
