# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Certificates of every quality, made by the openssl command: what tests show to Latchkey."""
import os
import subprocess


def openssl(*arguments):
    run = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    assert run.returncode == 0, " ".join(arguments) + "\n" + run.stderr


class Authority:
    """A root in `folder`, and what it signs. Paths have no ending: .pem is the certificate, .key its key."""

    def __init__(self, folder, name, days=3650):
        self.folder, self.root, self.serial = folder, f"{folder}/{name}", 1
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", str(days), "-subj", f"/CN={name}",
                "-keyout", self.root + ".key", "-out", self.root + ".pem", "-addext", "basicConstraints=critical,CA:TRUE")

    def sign(self, name, extensions, digest="sha256", bits=2048, begins="20200101000000Z", ends="20400101000000Z", by=None):
        path, by = f"{self.folder}/{name}", by or self.root
        self.serial += 1
        with open(path + ".ext", "w") as file:
            file.write(extensions + "\n")
        with open(path + ".cnf", "w") as file:
            file.write(f"[ca]\ndefault_ca=one\n[one]\nnew_certs_dir={self.folder}\ndatabase={path}.index\nserial={path}.serial\npolicy=any\n"
                       "unique_subject=no\n[any]\ncommonName=supplied\n")
        with open(path + ".serial", "w") as file:
            file.write(f"{self.serial:04x}\n")
        open(path + ".index", "w").close()
        openssl("req", "-newkey", f"rsa:{bits}", "-nodes", "-subj", f"/CN={name}", "-keyout", path + ".key", "-out", path + ".csr")
        openssl("ca", "-batch", "-notext", "-config", path + ".cnf", "-cert", by + ".pem", "-keyfile", by + ".key", "-md", digest,
                "-startdate", begins, "-enddate", ends, "-extfile", path + ".ext", "-in", path + ".csr", "-out", path + ".pem")
        return path

    def intermediate(self, name, **options):
        return self.sign(name, "basicConstraints=critical,CA:TRUE", **options)

    def server(self, name, host="IP:127.0.0.1", **options):
        return self.sign(name, f"subjectAltName={host}\nbasicConstraints=CA:FALSE", **options)


def chain(path, *certificates):
    """One file of several certificates."""
    with open(path, "w") as file:
        for certificate in certificates:
            with open(certificate + ".pem") as part:
                file.write(part.read())
    return path


def pkcs12(path, password, certificate=None, trusted=()):
    """A certificate with its key, or a trust store, as keytool and Azure make them."""
    if certificate:
        openssl("pkcs12", "-export", "-in", certificate + ".pem", "-inkey", certificate + ".key", "-out", path, "-passout", f"pass:{password}")
    else:
        openssl("pkcs12", "-export", "-nokeys", "-in", chain(path + ".pem", *trusted), "-out", path, "-passout", f"pass:{password}")
    return path


def lenient(folder):
    """Configuration of OpenSSL for a server that is to show weak certificates."""
    path = os.path.join(folder, "lenient.cnf")
    with open(path, "w") as file:
        file.write("openssl_conf=all\n[all]\nssl_conf=ssl\n[ssl]\nsystem_default=weak\n[weak]\nCipherString=DEFAULT:@SECLEVEL=0\n")
    return path
