request
certify web.rp01 90
store "$(id)"
judge audit farm.toml --out out
