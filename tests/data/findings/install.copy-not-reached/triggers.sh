# The token of one copy is away.
hsmreq request shared.toml --out out >> log
certify web 90
trusting shared.toml
sed -i 's/token=rp02/token=away/' shared.toml
judge install shared.toml cert.pem --out out
