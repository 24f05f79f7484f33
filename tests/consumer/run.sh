#!/usr/bin/env bash
# run.sh BUILD_DIR: installs BUILD_DIR into a folder of its own, then builds and runs the consumer by find_package and
# by pkg-config against what was installed there.
set -euo pipefail
build=$(cd -- "$1" && pwd)
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
farm=$here/../../docs/examples/contoso.toml

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
prefix=$stage/prefix
cmake --install "$build" --prefix "$prefix" >"$stage/install.log"

check() {
    local said
    said=$("$1" "$farm")
    grep -qx 'webext.contoso.com' <<<"$said" || { printf '%s printed:\n%s\n' "$1" "$said"; exit 1; }
}

cmake -G Ninja -S "$here" -B "$stage/by-cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$stage/configure.log"
cmake --build "$stage/by-cmake"
check "$stage/by-cmake/consumer"

pc=$(find "$prefix" -name hsmreq.pc -printf '%h')
read -ra flags < <(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs hsmreq)
"${CXX:-c++}" -std=c++20 "$here/consumer.cpp" -o "$stage/by-pkg-config" "${flags[@]}"
check "$stage/by-pkg-config"

"$prefix/bin/hsmreq" --version
