# A key of somebody else.
request
pair dead '{}' 'other application'
judge audit farm.toml --out out
