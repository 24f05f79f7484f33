# By its label a key of this farm, and of none of its requests.
request
pair dead '{}' small.old.rp01.g1
judge audit farm.toml --out out
