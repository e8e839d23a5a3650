//! Makes certificates for the servers and connects to them the way a careful client does.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use super::launch;

/// A certificate authority and one server certificate for 127.0.0.1 and localhost, as PEM files.
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    /// Makes a new one.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("the temporary folder is writable");
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters.distinguished_name.push(DnType::CommonName, "cachedemo test authority");
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let authority = parameters.self_signed(&key).expect("the parameters are complete");
        let issuer = Issuer::new(parameters, key);

        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let mut parameters = CertificateParams::new(names).expect("both names are valid");
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let certificate = parameters.signed_by(&key, &issuer).expect("the parameters are complete");

        for (name, text) in [
            ("authority.pem", authority.pem()),
            ("certificate.pem", certificate.pem()),
            ("key.pem", key.serialize_pem()),
        ] {
            fs::write(folder.path().join(name), text).expect("the folder is ours");
        }
        Self { folder }
    }

    /// The certificate clients must trust.
    pub fn certificate_authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Copies the files for a server, which insists on owning its key.
    pub fn install(&self, target: &Path) {
        for (name, mode) in [("authority.pem", 0o644), ("certificate.pem", 0o644), ("key.pem", 0o600)] {
            let file = target.join(name);
            fs::copy(self.folder.path().join(name), &file).expect("both folders are ours");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("the copy is ours");
            launch::give(&file);
        }
    }
}

/// A verified connection to the server on `port`, trusting only the authority in `file`.
pub fn connect(
    file: &Path,
    port: u16,
    limit: Duration,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1")?)?;
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(limit))?;
    socket.set_write_timeout(Some(limit))?;
    let mut stream = StreamOwned::new(client, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}
