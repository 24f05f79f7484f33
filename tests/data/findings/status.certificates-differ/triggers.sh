# The file holds a later one of the same key.
request
certify web.rp01 90
store "$(id)"
certify web.rp01 90
cp cert.pem out/web.rp01.pem
judge status farm.toml --out out
