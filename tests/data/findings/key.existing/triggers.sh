# A key that the farm file names is not this program's to renew.
pair "c0ffee"
sed -i 's/^names = .*/&\nkey.uri = "pkcs11:id=%c0%ff%ee"/' farm.toml
judge renew farm.toml --out out
