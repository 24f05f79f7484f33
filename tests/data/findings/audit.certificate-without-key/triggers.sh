request
certify web.rp01 90
store "$(id)"
destroy "$(id)" privkey pubkey
rm -r out
judge audit farm.toml --out out
