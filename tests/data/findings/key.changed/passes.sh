# The same, and no request that says so.
request
destroy "$(id)" privkey pubkey
pair "$(id)"
rm -r out
judge request farm.toml --out out
