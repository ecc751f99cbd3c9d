//! Servers that the tests run in their own process: HTTP/1.1 on a port of the loopback address that the system
//! chooses, with TLS or without. What they do with a request, a handler says; what they saw, they remember.

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What no request to a server may hold that is not to see a login: the password, and tokens.
pub const SECRETS: [&str; 4] = ["sesame", "c2VzYW1l", "token-", "Authorization"];

/// A request, as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The parameters of the query with this name, decoded.
    pub fn query(&self, name: &str) -> Vec<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path().starts_with(path)
    }

    /// Where a secret is in it.
    fn leak(&self) -> Option<&'static str> {
        let body = String::from_utf8_lossy(&self.body);
        let held = |text: &str, secret: &str| text.to_lowercase().contains(&secret.to_lowercase());
        SECRETS.into_iter().find(|secret| {
            held(&self.target, secret)
                || held(&body, secret)
                || self.headers.iter().any(|(key, value)| held(key, secret) || held(value, secret))
        })
    }
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    #[default]
    Whole,
    /// The connection is closed after so many bytes of the body.
    Cut(usize),
    /// Nothing comes after so many bytes of the body.
    Stall(usize),
    /// No length is said; the end of the connection is the end of the body.
    Unsized,
}

pub fn reply(status: u16) -> Reply {
    Reply { status, ..Reply::default() }
}

impl Reply {
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn ending(self, ending: Ending) -> Self {
        Reply { ending, ..self }
    }
}

/// What to do with a request whose head has come.
pub enum Plan {
    /// Read all of it and ask for the answer.
    Read,
    /// Answer without its body, and close the connection.
    Answer(Reply),
    /// Close the connection after so many bytes of the body.
    Cut(usize),
    /// Do nothing more.
    Stall,
}

/// What a server does.
pub trait Handler: Send + Sync + 'static {
    fn plan(&self, _head: &Request) -> Plan {
        Plan::Read
    }

    /// The answer to a request that has come as a whole.
    fn answer(&self, request: &Request) -> Reply;

    /// A part of a request has come before the connection was closed.
    fn broken(&self, _request: &Request) {}
}

impl<F: Fn(&Request) -> Reply + Send + Sync + 'static> Handler for F {
    fn answer(&self, request: &Request) -> Reply {
        self(request)
    }
}

/// A running server, which ends with the value.
pub struct Server {
    port: u16,
    tls: bool,
    /// Whether it may see logins.
    trusted: bool,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    seen: Mutex<Vec<Request>>,
    hellos: AtomicUsize,
    connections: Mutex<Vec<TcpStream>>,
    stop: AtomicBool,
    handler: Box<dyn Handler>,
}

impl Server {
    /// One that may see logins.
    pub fn trusted(tls: Option<Arc<ServerConfig>>, handler: impl Handler) -> Self {
        Self::start(tls, handler, true)
    }

    /// One that must not see a login; a test in which it does fails.
    pub fn stranger(tls: Option<Arc<ServerConfig>>, handler: impl Handler) -> Self {
        Self::start(tls, handler, false)
    }

    fn start(tls: Option<Arc<ServerConfig>>, handler: impl Handler, trusted: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            hellos: AtomicUsize::new(0),
            connections: Mutex::default(),
            stop: AtomicBool::new(false),
            handler: Box::new(handler),
        });
        let (server, is_tls) = (Arc::clone(&shared), tls.is_some());
        let accepting = std::thread::spawn(move || {
            let mut threads = Vec::new();
            for stream in listener.incoming() {
                if server.stop.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                server.connections.lock().unwrap().push(stream.try_clone().unwrap());
                let (server, tls) = (Arc::clone(&server), tls.clone());
                threads.push(std::thread::spawn(move || server.serve(stream, tls)));
            }
            for thread in threads {
                thread.join().unwrap();
            }
        });
        Server { port, tls: is_tls, trusted, shared, accepting: Some(accepting) }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `127.0.0.1` and the port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.host())
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The requests so far, as `METHOD path`, without those that only ask whether there is a registry.
    pub fn lines(&self) -> Vec<String> {
        let seen = self.seen();
        let others = seen.iter().filter(|request| request.target != "/v2/");
        others.map(|request| format!("{} {}", request.method, request.path())).collect()
    }

    /// How often somebody has begun to speak TLS to this server without it.
    pub fn hellos(&self) -> usize {
        self.shared.hellos.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for connection in self.shared.connections.lock().unwrap().iter() {
            // It may be closed already.
            connection.shutdown(Shutdown::Both).unwrap_or_default();
        }
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        let ended = self.accepting.take().unwrap().join();
        if std::thread::panicking() {
            return;
        }
        assert!(ended.is_ok(), "a server has failed");
        if !self.trusted {
            for request in self.seen() {
                assert_eq!(request.leak(), None, "a stranger has seen a login: {request:?}");
            }
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream, tls: Option<Arc<ServerConfig>>) {
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        stream.set_nodelay(true).unwrap();
        // A client that goes away is what many tests are about.
        match tls {
            None => self.talk(Wire::new(stream)).unwrap_or_default(),
            Some(config) => {
                let tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                self.talk(Wire::new(tls)).unwrap_or_default();
            }
        }
    }

    /// Waits for the end of the test.
    fn wait(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn talk<S: Read + Write + Close>(&self, mut wire: Wire<S>) -> io::Result<()> {
        while let Some(mut request) = wire.head()? {
            let Some(request) = request.as_mut() else {
                self.hellos.fetch_add(1, Ordering::SeqCst);
                wire.stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")?;
                return wire.stream.close();
            };
            let plan = self.handler.plan(request);
            if !matches!(plan, Plan::Read) {
                self.seen.lock().unwrap().push(request.clone());
            }
            match plan {
                Plan::Read => {
                    wire.body(request, None)?;
                    self.seen.lock().unwrap().push(request.clone());
                    let reply = self.handler.answer(request);
                    wire.reply(request, &reply)?;
                    match reply.ending {
                        Ending::Whole => {}
                        Ending::Cut(_) | Ending::Unsized => return wire.stream.close(),
                        Ending::Stall(_) => {
                            self.wait();
                            return Ok(());
                        }
                    }
                }
                Plan::Answer(reply) => {
                    let reply = reply.header("Connection", "close");
                    wire.reply(request, &reply)?;
                    if matches!(reply.ending, Ending::Stall(_)) {
                        self.wait();
                    }
                    return wire.stream.close();
                }
                Plan::Cut(after) => {
                    wire.body(request, Some(after))?;
                    self.handler.broken(request);
                    return wire.stream.close();
                }
                Plan::Stall => {
                    self.wait();
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

trait Close {
    fn close(&mut self) -> io::Result<()>;
}

impl Close for TcpStream {
    fn close(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Both)
    }
}

impl Close for StreamOwned<ServerConnection, TcpStream> {
    fn close(&mut self) -> io::Result<()> {
        self.conn.send_close_notify();
        self.flush()?;
        self.sock.shutdown(Shutdown::Both)
    }
}

struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: Read + Write> Wire<S> {
    fn new(stream: S) -> Self {
        Wire { stream, buffer: Vec::new() }
    }

    fn more(&mut self) -> io::Result<bool> {
        let mut part = [0; 1 << 14];
        let count = self.stream.read(&mut part)?;
        self.buffer.extend(&part[..count]);
        Ok(count > 0)
    }

    /// The head of the next request; none when the client has no more. What begins as TLS is none of HTTP.
    #[allow(clippy::option_option, reason = "no request, and a request that is none")]
    fn head(&mut self) -> io::Result<Option<Option<Request>>> {
        let end = loop {
            if self.buffer.first() == Some(&0x16) {
                return Ok(Some(None));
            }
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if !self.more()? {
                return Ok(None);
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let mut word = || first.next().unwrap().to_owned();
        let (method, target) = (word(), word());
        let headers = lines.filter(|line| !line.is_empty()).map(|line| {
            let (key, value) = line.split_once(':').unwrap();
            (key.to_owned(), value.trim().to_owned())
        });
        Ok(Some(Some(Request { method, target, headers: headers.collect(), body: Vec::new() })))
    }

    /// Reads the body, or so many bytes of it.
    fn body(&mut self, request: &mut Request, limit: Option<usize>) -> io::Result<()> {
        assert_eq!(request.header("transfer-encoding"), None, "sizes are known");
        let length = request.header("content-length").map_or(0, |text| text.parse().unwrap());
        let wanted = limit.unwrap_or(length).min(length);
        if length > 0 && request.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        while self.buffer.len() < wanted {
            if !self.more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        request.body = self.buffer.drain(..wanted).collect();
        Ok(())
    }

    fn reply(&mut self, request: &Request, reply: &Reply) -> io::Result<()> {
        let mut head = vec![format!("HTTP/1.1 {} X", reply.status)];
        head.extend(reply.headers.iter().map(|(key, value)| format!("{key}: {value}")));
        let bodyless = matches!(reply.status, 100..=199 | 204 | 304);
        let said = reply.ending == Ending::Unsized
            || reply.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case("content-length"));
        if !bodyless && !said {
            head.push(format!("Content-Length: {}", reply.body.len()));
        }
        self.stream.write_all((head.join("\r\n") + "\r\n\r\n").as_bytes())?;
        if request.method != "HEAD" && !bodyless {
            let sent = match reply.ending {
                Ending::Whole | Ending::Unsized => reply.body.len(),
                Ending::Cut(after) | Ending::Stall(after) => after.min(reply.body.len()),
            };
            self.stream.write_all(&reply.body[..sent])?;
        }
        self.stream.flush()
    }
}

/// Somebody who signs certificates.
pub struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "tests");
        let certificate = params.self_signed(&key).unwrap();
        Authority { issuer: rcgen::Issuer::new(params, key), certificate }
    }

    /// Its certificate, in PEM.
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// What a server with a certificate for these names needs.
    pub fn server(&self, names: &[&str]) -> Arc<ServerConfig> {
        self.server_with(names, |_| ())
    }

    pub fn server_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut rcgen::CertificateParams),
    ) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        config(certificate.der().clone(), &key)
    }

    /// A server whose certificate is that of an authority.
    pub fn server_of_authority(names: &[&str]) -> (String, Arc<ServerConfig>) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), config(certificate.der().clone(), &key))
    }
}

fn config(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: &rcgen::KeyPair,
) -> Arc<ServerConfig> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    Arc::new(config)
}
