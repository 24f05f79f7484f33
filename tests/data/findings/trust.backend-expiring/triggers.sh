# A day less than was asked for.
root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem --warn-days 91
