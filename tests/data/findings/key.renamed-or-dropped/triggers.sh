# The request has another name than in the run before.
request
sed -i 's/^name = "web"/name = "site"/' farm.toml
judge request farm.toml --out out
