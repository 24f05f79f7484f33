# It is there, though the key has not been taken to it yet.
hsmreq request shared.toml --out out >> log
certify web 90
trusting shared.toml
judge install shared.toml cert.pem --out out
