# What scripts/run, scripts/test and .ci/run share: a Swift toolchain and Debian's libraries.
# To be sourced with the working folder at the project's root.

set -euo pipefail

readonly SWIFT_VERSION="6.2"
# GLPK solves linear programs, OpenBLAS and oneDNN multiply matrices, SQLite keeps measurements,
# libarchive reads shards of training data, libjpeg-turbo and libpng decode their images.
readonly PACKAGES=(libglpk-dev libopenblas-dev libdnnl-dev libsqlite3-dev libarchive-dev
  libjpeg62-turbo-dev libpng-dev)

say() { printf '%s\n' "$*" >&2; }

# A new enough Swift, or where to get it.
need_swift() {
  if ! command -v swift >/dev/null 2>&1; then
    say "foretrain needs Swift $SWIFT_VERSION or newer, and there is no 'swift' here."
    say "Get it from https://www.swift.org/install/linux/ (swiftly installs it in one step)."
    exit 1
  fi
  local found
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
  if [ "$(printf '%s\n%s\n' "$SWIFT_VERSION" "${found:-0}" | sort -V | head -1)" != "$SWIFT_VERSION" ]; then
    say "foretrain needs Swift $SWIFT_VERSION or newer, this is ${found:-unknown}."
    say "Get it from https://www.swift.org/install/linux/."
    exit 1
  fi
}

# Installs the packages that are missing; without root, says the one command that does.
need_packages() {
  local missing=()
  local package
  for package in "${PACKAGES[@]}" "$@"; do
    if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    say "These Debian packages are missing. Install them, then run this again:"
    say "  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
    exit 1
  fi
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
}
