#!/usr/bin/env bash
# run.sh BUILD_DIR: installs BUILD_DIR into a folder of its own, then builds the consumer by find_package and by
# pkg-config against what was installed there, and lets each make the example farm's requests on throw-away tokens.
set -euo pipefail
build=$(cd -- "$1" && pwd)
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
farm=$here/../../docs/examples/contoso.toml

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
prefix=$stage/prefix
cmake --install "$build" --prefix "$prefix" >"$stage/install.log"

fail() {
    printf '%s\n' "$@"
    exit 1
}

use_fresh_tokens() {
    local folder=$1 label
    mkdir -p "$folder/tokens"
    export SOFTHSM2_CONF=$folder/softhsm2.conf
    printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' "$folder" >"$SOFTHSM2_CONF"
    for label in rp01 rp02; do
        softhsm2-util --init-token --free --label $label --so-pin 87654321 --pin 1234 >/dev/null
    done
}

check() {
    local program=$1 out=$1-output said member
    use_fresh_tokens "$out"
    said=$("$program" "$farm" "$out/requests" 1234)
    grep -qx 'webext.contoso.com' <<<"$said" || fail "$program planned:" "$said"
    for member in rp01 rp02; do
        grep -q "reverse-proxy.$member.csr: CN=webext.contoso.com, signature valid" <<<"$said" ||
            fail "$program inspected:" "$said"
        openssl req -verify -noout -in "$out/requests/reverse-proxy.$member.csr" 2>/dev/null ||
            fail "openssl refuses the request of $member"
    done
}

cmake -G Ninja -S "$here" -B "$stage/by-cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$stage/configure.log"
cmake --build "$stage/by-cmake"
check "$stage/by-cmake/consumer"

pc=$(find "$prefix" -name hsmreq.pc -printf '%h')
read -ra flags < <(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs hsmreq)
"${CXX:-c++}" -std=c++20 "$here/consumer.cpp" -o "$stage/by-pkg-config" "${flags[@]}"
check "$stage/by-pkg-config"

"$prefix/bin/hsmreq" --version
for page in "$here"/../../docs/man/*.[15]; do
    [ -f "$prefix/share/man/man${page##*.}/${page##*/}" ] || fail "the installation lacks $page"
done
