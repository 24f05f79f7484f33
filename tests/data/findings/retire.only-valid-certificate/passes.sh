# The next generation has one of its own.
request
certify web.rp01 90
store "$(id)"
hsmreq renew farm.toml --out out >> log
certify web.rp01.g2 90
store "$(id web rp01 2)"
judge retire farm.toml --out out --request web --generation 1 --dry-run
