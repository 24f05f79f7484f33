# The second pair is one of the next generation.
request
pair "$(id web rp01 2)"
rm -r out
judge request farm.toml --out out
