#!/usr/bin/env bash
# Brings numpy.
#
#   ./setup.sh                    .venv with it: for runtime process
#   ./setup.sh --wheels [3.12]    wheels/ for an image with that Python: for docker builds that cannot reach PyPI
#
# Says in words what is missing and ends with 1 where it cannot be had.
set -euo pipefail
cd "$(dirname "$0")"

stop() {
  printf 'examples/train-python: %s\n' "$@" >&2
  exit 1
}

case "${1:-}" in "" | --wheels) ;; *) stop "unknown option $1." "Usage: $0 [--wheels [PYTHON_VERSION]]" ;; esac

python=${PYTHON:-python3}
command -v "$python" >/dev/null ||
  stop "there is no $python." "Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv), or name one: PYTHON=/path/to/python3 $0"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "$("$python" --version) is too old: numpy needs 3.11 or newer." "Name another one: PYTHON=/path/to/python3.12 $0"

if [ ! -x .venv/bin/pip ]; then
  "$python" -m venv --clear .venv ||
    stop "$python could not make a virtual environment." "Debian parts venv from Python: apt-get install python3-venv"
fi

cannot_be_had() {
  stop "numpy could not be had; pip says above why." \
    "It comes from PyPI: check the network, or a mirror or proxy in pip's configuration (pip config list)."
}

if [ "${1:-}" != --wheels ]; then
  .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt || cannot_be_had
  echo "ready: .venv holds numpy"
  exit
fi

version=${2:-3.12}
machine=$(uname -m)
[ "$machine" != arm64 ] || machine=aarch64 # as macOS calls it; its containers are Linux
.venv/bin/pip download --quiet --disable-pip-version-check --only-binary=:all: --python-version "$version" \
  --platform "manylinux2014_$machine" --platform "manylinux_2_27_$machine" --platform "manylinux_2_28_$machine" \
  --dest wheels --requirement requirements.txt || cannot_be_had
echo "ready: wheels/ holds numpy for an image with Python $version"
