# A generation that has a successor.
request
pair "$(id web rp01 2)"
judge retire farm.toml --out out --request web --generation 1 --yes
