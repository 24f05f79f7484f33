# Who is logged in knows that nothing is there.
judge status farm.toml --out out --private
