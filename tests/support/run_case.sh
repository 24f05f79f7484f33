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

# A certificate of a CA made on the spot, for the request STEM, valid for so many days from now; in cert.pem and cert.der.
certify() {
    [ -e ca.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
        -subj '/CN=Test root' -days 3650 2>> log
    : > index
    printf '%s\n' '[ca]' 'default_ca = d' '[d]' 'database = index' 'rand_serial = yes' 'new_certs_dir = .' 'policy = p' \
        'unique_subject = no' 'default_md = sha256' 'copy_extensions = copy' '[p]' 'commonName = optional' > ca.cnf
    openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in "out/$1.csr" -out cert.pem \
        -startdate "$(date -u -d '-30 days' +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$2 days" +%Y%m%d%H%M%SZ)" 2>> log
    openssl x509 -in cert.pem -outform DER -out cert.der
}
# That certificate into rp01 under a CKA_ID.
store() { p11 --write-object cert.der --type cert --id "$1" --label certificate; }

# The farm takes certificates of that CA, once `certify` has made it.
trusting() { printf '\n[trust]\nissuing_roots = ["ca.pem"]\n' >> "${1-farm.toml}"; }

# An exportable key of that ALGORITHM and its certificate, ready to be taken out.
exportable() {
    sed -i "s/^private_key = .*/private_key = \"exportable\"/; s/^algorithm = .*/algorithm = \"$1\"/" farm.toml
    trusting
    request
    certify web.rp01 90
    hsmreq install farm.toml cert.pem --out out >> log
}
# The run that takes it out: TARGET PASSWORD, then more flags.
take_out() {
    printf %s "$2" > password
    chmod 600 password
    judge export farm.toml --out out --request web --for "$1" --output web.pfx --password-source file:password \
        --reason test --acknowledge-security-note "${@:3}"
}

# A root NAME in STEM.pem and STEM.key; with a third word of that key, as a renewed root has it.
root() {
    [ "${3-}" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    openssl req -x509 -new -key "${3-$1.key}" -out "$1.pem" -subj "/CN=$2" -days 3650 2>> log
}
# A certificate of the CA STEM in server.pem and server.key: STEM EXTENSION DAYS, then more for openssl x509.
issue() {
    openssl req -new -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj '/CN=A server' 2>> log
    echo "$2" > server.ext
    openssl x509 -req -in server.csr -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -extfile server.ext -days "$3" \
        -out server.pem "${@:4}" 2>> log
}
# proxy.toml with one server behind the proxy: BACKEND, then the files of the internal roots.
proxy() {
    printf '%s\n' '[farm]' 'name = "contoso"' 'product = "lync-server-2013"' 'sip_domains = ["contoso.com"]' \
        'ca = "private"' '[[pool]]' 'external_web_fqdn = "webext.contoso.com"' "backend = \"$1\"" '[token]' \
        'module = "softhsm2"' '[[member]]' 'name = "rp01"' 'uri = "pkcs11:token=rp01"' '[simple_urls]' \
        'dialin = ["https://dialin.contoso.com"]' 'meet_pattern = "https://meet.{sip_domain}"' > proxy.toml
    [ $# = 1 ] || { printf '[trust]\ninternal_roots = [' && printf '"%s", ' "${@:2}" && echo ']'; } >> proxy.toml
}
backend=pool01.corp.contoso.com

# The run whose findings count: what hsmreq prints with --json, whatever its code.
judge() { hsmreq "$@" --json > document 2> error || true; }
# The same through the module that misbehaves by the rules in its first argument.
faulty() { HSMREQ_FAULT="$1" judge "${@:2}" --module "$FAULT_MODULE" --trust-module; }
request() { hsmreq request farm.toml --out out "$@" >> log; }
