# Token and file hold one and the same.
request
certify web.rp01 90
store "$(id)"
cp cert.pem out/web.rp01.pem
judge status farm.toml --out out
