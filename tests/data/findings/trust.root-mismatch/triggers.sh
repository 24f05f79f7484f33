# A root of the same name with another key.
root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90
root other 'Contoso root'
proxy "$backend" other.pem
judge trust proxy.toml --out out --chain server.pem
