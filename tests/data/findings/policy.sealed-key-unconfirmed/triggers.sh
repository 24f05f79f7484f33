# The accepting side has no published request to compare with.
hsmreq request shared.toml --out out >> log
hsmreq distribute offer shared.toml --member rp02 --output offer.pem --json > offer.json
hsmreq distribute seal shared.toml --out out --request web --offer offer.pem --output sealed \
    --fingerprint "$(jq -r .offer.fingerprint offer.json)" >> log
judge distribute accept shared.toml --member rp02 --out elsewhere sealed
