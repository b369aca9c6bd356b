"""TLS before a server that has none (the wheels' servers are built without it)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import trustme


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that its own authority signed, and its key."""
    key, signed = directory / "key.pem", directory / "certificate.pem"
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(key)
    for part in (*made.cert_chain_pems, authority.cert_pem):
        part.write_to_path(signed, append=True)
    return signed, key


@contextlib.contextmanager
def terminated(port: int, signed: Path, key: Path) -> Iterator[int]:
    """A port on loopback that speaks TLS and passes everything on to ``port``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                client = context.wrap_socket(plain, server_side=True)
            except OSError:
                plain.close()  # it does not trust the certificate
                continue
            server = socket.create_connection(("127.0.0.1", port))
            sockets.extend((client, server))
            for pair in ((client, server), (server, client)):
                threads.append(threading.Thread(target=copy, args=pair))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            for end in sockets:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(10)
            for end in sockets:
                end.close()
