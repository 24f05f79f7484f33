# One root is enough.
root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
