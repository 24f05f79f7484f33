# What a run case (tests/data/findings/*/*.sh) has at hand. It begins in an empty folder but for farm.toml (one request
# "web" on rp01) and shared.toml (one wrap-only key for rp01 and rp02), with fresh tokens of these names.
set -euo pipefail

# CKA_ID of a key of farm.toml: REQUEST MEMBER GENERATION.
id() { printf 'hsmreq/1\0small\0%s\0%s\0%s\0' "${1-web}" "${2-rp01}" "${3-1}" | sha256sum | cut -c 1-40; }

# pkcs11-tool, logged in to rp01.
p11() { pkcs11-tool --module "$MODULE" --token-label rp01 --login --pin env:PIN "$@" >> log; }

# A pair as the policy asks for it: CKA_ID, then attributes of the private key that are otherwise, as JSON.
pair() {
    printf '[["generate", {"id": "%s", "algorithm": "ec-p256", "label": "%s", "private": %s, "public": {}}]]' "$1" \
        "${3-by hand}" "${2-{\}}" | /usr/bin/python3 -B "$SUPPORT/cryptoki.py" "$MODULE" rp01 "$PIN_FILE"
}

# Takes out what lies under a CKA_ID.
destroy() { for kind in "${@:2}"; do p11 --delete-object --type "$kind" --id "$1"; done; }

# A key that signs evidence, on rp02, its public key in evidence.pem; CKA_ID, then more for pkcs11-tool.
evidence_key() {
    pkcs11-tool --module "$MODULE" --token-label rp02 --login --pin env:PIN --keypairgen --key-type EC:prime256v1 \
        --label evidence --usage-sign --id "$@" >> log
    pkcs11-tool --module "$MODULE" --token-label rp02 --read-object --type pubkey --label evidence --output-file e.der >> log
    openssl pkey -pubin -inform DER -in e.der -out evidence.pem
}
sign_evidence() { printf '\n[evidence]\nkey = "pkcs11:token=%s"\n' "${1-rp02;object=evidence}" >> farm.toml; }

# A certificate of a CA made on the spot, for the request STEM, valid for so many days; in cert.pem and cert.der.
certify() {
    [ -e ca.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
        -subj '/CN=Test root' -days 3650 2>> log
    openssl x509 -req -in "out/$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" -out cert.pem 2>> log
    openssl x509 -in cert.pem -outform DER -out cert.der
}
# That certificate into rp01 under a CKA_ID.
store() { p11 --write-object cert.der --type cert --id "$1" --label certificate; }

# The run whose findings count: what hsmreq prints with --json, whatever its code.
judge() { hsmreq "$@" --json > document 2> error || true; }
# The same through the module that misbehaves by the rules in its first argument.
faulty() { HSMREQ_FAULT="$1" judge "${@:2}" --module "$FAULT_MODULE" --trust-module; }
request() { hsmreq request farm.toml --out out "$@" >> log; }
