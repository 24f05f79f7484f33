# The user says that new keys are wanted.
request
sed -i 's/^name = "web"/name = "site"/' farm.toml
judge request farm.toml --out out --accept-new-keys
