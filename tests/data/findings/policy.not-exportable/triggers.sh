# A policy on its wrapping makes an exportable key one that leaves wrapped by that key alone.
exportable rsa-2048
sed -i 's/^private_key = .*/&\nwrapping_key = "pkcs11:object=wrap;type=secret-key"/' farm.toml
take_out windows-server-2019 'twelve chars'
