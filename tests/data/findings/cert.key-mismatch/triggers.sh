# The certificate was issued for the key that was there before.
request
certify web.rp01 90
store "$(id)"
destroy "$(id)" privkey pubkey
rm -r out
pair "$(id)"
judge audit farm.toml --out out
