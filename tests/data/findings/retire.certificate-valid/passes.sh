# It ended yesterday.
request
certify web.rp01 -1
store "$(id)"
pair "$(id web rp01 2)"
judge retire farm.toml --out out --request web --generation 1 --dry-run
