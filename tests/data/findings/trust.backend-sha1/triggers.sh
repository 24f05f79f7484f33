root root 'Contoso root'
issue root "subjectAltName = DNS:$backend" 90 -sha1
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
