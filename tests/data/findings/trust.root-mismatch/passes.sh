# A root of the same name and key: the renewed one.
root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90
root renewed 'Contoso root' root.key
proxy "$backend" renewed.pem
judge trust proxy.toml --out out --chain server.pem
