# The private key alone, and nothing that says what its public key was.
request
destroy "$(id)" pubkey
rm -r out
judge request farm.toml --out out
