# The only generation there is.
request
judge retire farm.toml --out out --request web --generation 1 --yes
