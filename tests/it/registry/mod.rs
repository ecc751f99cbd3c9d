//! Registries, against ones that the tests run themselves: every row of the table of faults that were found, and
//! their neighbours. A login that is seen where it does not belong fails the test in which it is.

mod based;
mod cached;
mod command;
mod fake;
mod fetched;
mod locations;
mod logins;
mod network;
mod pinned;
mod pulls;
mod server;
mod uploads;

use crate::support::Folder;
use bimanix::diag::Diagnostic;
use bimanix::image::Digest;
use bimanix::registry::{
    self, Blob, BlobError, Cache, Error, Limits, Manifest, Proxies, Pull, Pushed, Reference,
    Repository, Retries, Security, Settings, Version, Watch,
};
use fake::{BASIC, Fake, PASSWORD, USER, tokens};
use server::{Authority, Plan, Request, Server, reply};
use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

/// The media type of manifests.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

struct Bytes(Vec<u8>);

impl Blob for Bytes {
    fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError> {
        out.write_all(&self.0).map_err(BlobError::Output)
    }
}

/// Somebody who pushes, and what they were warned of.
struct User {
    settings: Settings,
    folder: Folder,
    warnings: RefCell<Vec<Diagnostic>>,
    blobs: Vec<Vec<u8>>,
    mount_from: Vec<String>,
}

impl User {
    /// One without a login, on a machine without proxies, who does not wait long.
    fn new() -> Self {
        let limit = Duration::from_secs(60);
        let settings = Settings {
            security: Security::Tls { authority: None },
            limits: Limits { connect: limit, send: limit, answer: limit },
            retries: Retries { attempts: 3, first_wait: Duration::from_millis(1) },
            certificates: None,
            proxies: Proxies::default(),
            logins: Vec::new(),
        };
        User {
            settings,
            folder: Folder::new(),
            warnings: RefCell::default(),
            blobs: vec![b"a configuration".to_vec()],
            mount_from: Vec::new(),
        }
    }

    /// One who knows the user and the password for a registry, as docker keeps them.
    fn logged_in(registry: &str) -> Self {
        Self::with_config(&format!(
            r#"{{"auths":{{"{registry}":{{"username":"{USER}","password":"{PASSWORD}"}}}}}}"#
        ))
    }

    fn with_config(config: &str) -> Self {
        let mut user = Self::new();
        user.settings.logins = vec![user.folder.write("config.json", config)];
        user
    }

    /// Trusts an authority.
    fn trusting(mut self, authority: &Authority) -> Self {
        let file = self.folder.write("ca.pem", authority.pem());
        self.settings.security = Security::Tls { authority: Some(file) };
        self
    }

    fn with_blob(mut self, bytes: Vec<u8>) -> Self {
        self.blobs.push(bytes);
        self
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn push(&self, host: &str) -> Result<Pushed, Error> {
        self.push_all(host).map_err(|(error, _)| error)
    }

    fn push_all(&self, host: &str) -> Result<Pushed, (Error, Pushed)> {
        let to = Reference {
            host: host.to_owned(),
            repository: "team/app".to_owned(),
            tag: "v1".to_owned(),
        };
        let bytes = br#"{"schemaVersion":2}"#.to_vec();
        let digest = Digest::of(&bytes);
        let manifest = Manifest { bytes, media_type: MANIFEST.to_owned(), digest };
        let mut blobs: Vec<Box<dyn Blob>> = Vec::new();
        for bytes in &self.blobs {
            blobs.push(Box::new(Bytes(bytes.clone())));
        }
        let watch =
            Watch { progress: &|_| (), warn: &|warning| self.warnings.borrow_mut().push(warning) };
        registry::push(
            &to,
            &mut blobs,
            std::slice::from_ref(&manifest),
            &self.mount_from,
            &self.settings,
            watch,
        )
    }

    fn watch(&self) -> Watch<'_> {
        Watch { progress: &|_| (), warn: &|_| () }
    }

    /// Pulls from the repository that the registries of the tests have.
    fn pulls<T>(
        &self,
        host: &str,
        pull: impl FnOnce(&mut Pull<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let from = Repository { host: host.to_owned(), name: "team/app".to_owned() };
        pull(&mut Pull::new(&from, &self.settings, self.watch()))
    }

    /// Pulls a blob that should be these bytes.
    fn pulls_blob(&self, host: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        self.pulls(host, |pull| pull.blob(digest, size, &mut out)).map(|()| out)
    }

    /// The words of a failure.
    fn fails(&self, host: &str) -> String {
        match self.push(host) {
            Ok(pushed) => panic!("{pushed:?}"),
            Err(error) => words(&error),
        }
    }
}

fn words(error: &Error) -> String {
    error
        .report("team/app:v1")
        .render(&bimanix::diag::SourceMap::default(), bimanix::diag::Colours::Dropped)
}

/// A blob that fills more than the buffers on the way.
fn large() -> Vec<u8> {
    static LARGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        (0..3_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    });
    LARGE.clone()
}

#[test]
fn an_image_is_pushed_and_then_known() {
    let fake = Fake::new();
    let server = fake.start();
    let user = User::new().with_blob(large()).with_blob(Vec::new());
    let pushed = user.push(&server.host()).unwrap();
    assert_eq!((pushed.sent, pushed.known, pushed.mounted), (3, 0, 0));
    assert!(fake.has_tag("team/app", "v1"));
    let pushed = user.push(&server.host()).unwrap();
    assert_eq!((pushed.sent, pushed.known, pushed.bytes), (0, 3, 0));
    assert!(user.warnings.borrow().is_empty());
}
