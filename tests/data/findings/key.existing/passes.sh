# To use it is what it is there for.
pair "c0ffee"
sed -i 's/^names = .*/&\nkey.uri = "pkcs11:id=%c0%ff%ee"/' farm.toml
judge request farm.toml --out out
