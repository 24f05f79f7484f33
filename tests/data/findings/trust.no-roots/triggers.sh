# A chain and nothing to measure it by.
root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90
proxy "$backend"
judge trust proxy.toml --out out --chain server.pem
