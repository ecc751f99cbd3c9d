//! The way to a registry: TLS or not, proxies, and what to wait for.

use super::*;
use std::io::{Read, copy};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn proxies(pairs: &[(&str, String)]) -> Proxies {
    Proxies::from_variables(|name| {
        pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
    })
}

/// A port at which nobody listens, and which nobody is given either.
struct Nobody {
    client: TcpStream,
    _listener: TcpListener,
}

impl Nobody {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        Nobody { client, _listener: listener }
    }

    fn port(&self) -> u16 {
        self.client.local_addr().unwrap().port()
    }
}

/// A proxy that leads every host to one port of this machine, and notes what it was asked for.
struct Tunnel {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        // It ends with the process; each connection ends with its two ends.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, notes) = (stream.unwrap(), Arc::clone(&notes));
                std::thread::spawn(move || {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        if stream.read(&mut byte).unwrap_or(0) == 0 {
                            return;
                        }
                        head.push(byte[0]);
                    }
                    notes.lock().unwrap().push(String::from_utf8(head).unwrap());
                    let mut other = TcpStream::connect(("127.0.0.1", target)).unwrap();
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                    let (mut from, mut to) =
                        (stream.try_clone().unwrap(), other.try_clone().unwrap());
                    std::thread::spawn(move || {
                        copy(&mut from, &mut to).unwrap_or_default();
                        to.shutdown(std::net::Shutdown::Write).unwrap_or_default();
                    });
                    copy(&mut other, &mut stream).unwrap_or_default();
                    stream.shutdown(std::net::Shutdown::Both).unwrap_or_default();
                });
            }
        });
        Tunnel { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[test]
fn a_registry_on_this_machine_needs_no_proxy() {
    let proxy = Server::stranger(None, |_: &Request| reply(502));
    let server = Fake::new().start();
    for variable in
        ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    {
        let mut user = User::new();
        user.settings.proxies = proxies(&[(variable, format!("http://{}", proxy.host()))]);
        for host in [server.host(), format!("localhost:{}", server.port())] {
            user.push(&host).unwrap();
        }
        user.settings.security = Security::Plain;
        user.push(&server.host()).unwrap();
    }
    assert!(proxy.seen().is_empty());
}

#[test]
fn another_registry_is_reached_through_the_proxy() {
    let authority = Authority::new();
    let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]);
    let server = fake.start_tls(&authority.server(&["registry.invalid"]));
    let tunnel = Tunnel::to(server.port());
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy"] {
        let mut user = User::logged_in("registry.invalid").trusting(&authority);
        let url = format!("http://user:pass%40word@127.0.0.1:{}", tunnel.port);
        user.settings.proxies = proxies(&[(variable, url)]);
        user.push("registry.invalid").unwrap();
    }
    let asked = tunnel.asked();
    assert!(
        asked.iter().all(|head| head.starts_with("CONNECT registry.invalid:443 ")),
        "{asked:?}"
    );
    assert!(asked.iter().all(|head| head.contains("Basic dXNlcjpwYXNzQHdvcmQ=")), "{asked:?}");
    assert!(asked.iter().all(|head| !head.contains(BASIC)), "{asked:?}");
}

/// The name of a registry says nothing of where it is.
#[test]
fn a_name_that_looks_like_a_loopback_address_is_none() {
    let authority = Authority::new();
    let names = ["127.registry.invalid", "localhost.registry.invalid", "127.0.0.1.invalid"];
    let server = Fake::new().start_tls(&authority.server(&names));
    for name in names {
        let tunnel = Tunnel::to(server.port());
        let mut user = User::new().trusting(&authority);
        user.settings.proxies = proxies(&[("all_proxy", format!("127.0.0.1:{}", tunnel.port))]);
        user.push(name).unwrap();
        assert!(tunnel.asked()[0].starts_with(&format!("CONNECT {name}:443 ")), "{name}");
    }
    // Nor is it spoken to without TLS.
    let plain = Server::stranger(None, |_: &Request| reply(200));
    let tunnel = Tunnel::to(plain.port());
    let mut user = User::logged_in("127.registry.invalid");
    user.settings.proxies = proxies(&[("all_proxy", format!("127.0.0.1:{}", tunnel.port))]);
    let said = user.fails("127.registry.invalid");
    assert!(said.contains("does not speak TLS") && said.contains("--plain-http"), "{said}");
    assert!(plain.hellos() > 0 && plain.seen().is_empty());
}

#[test]
fn what_goes_past_the_proxy_does() {
    let proxy = Server::stranger(None, |_: &Request| reply(502));
    for past in
        ["registry.invalid", ".invalid", "*.INVALID", "*", "a.b,registry.invalid:5000", "reg*"]
    {
        let mut user = User::new();
        let list = [("all_proxy", proxy.host()), ("no_proxy", past.to_owned())];
        user.settings.proxies = proxies(&list);
        let said = user.fails("registry.invalid:5000");
        assert!(said.contains("cannot reach `registry.invalid`"), "{past}: {said}");
        assert!(proxy.seen().is_empty(), "{past}");
    }
    // An address that is in none of the networks; nothing is sent there but through the proxy.
    let mut user = User::new();
    user.settings.proxies = proxies(&[
        ("all_proxy", proxy.host()),
        ("no_proxy", "10.0.0.0/8,registry.invalid:5001".to_owned()),
    ]);
    let said = user.fails("192.0.2.1:5000");
    assert_eq!(proxy.seen().len(), 1, "a lasting fault ends at once");
    assert!(
        said.contains("the proxy of `all_proxy` does not connect to `192.0.2.1:5000`"),
        "{said}"
    );
    assert!(said.contains("502") && said.contains("no_proxy"), "{said}");
}

#[test]
fn a_proxy_that_cannot_be_used_is_named() {
    let nobody = Nobody::new();
    let free = nobody.port();
    for (url, word) in [
        ("gopher://proxy.invalid".to_owned(), "`all_proxy` does not hold the URL of a proxy"),
        ("http://".to_owned(), "`all_proxy` does not hold the URL of a proxy"),
        (format!("http://me:sesame@127.0.0.1:{free}"), "connection refused"),
        ("http://me:sesame@proxy.invalid:3128".to_owned(), "proxy.invalid"),
    ] {
        let mut user = User::new();
        user.settings.proxies = proxies(&[("all_proxy", url)]);
        let said = user.fails("registry.invalid");
        assert!(said.contains(word) && !said.contains("sesame"), "{said}");
    }
}

#[test]
fn tls_is_spoken_on_this_machine_too() {
    let authority = Authority::new();
    let tls = authority.server(&["127.0.0.1", "localhost"]);
    let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]);
    let server = fake.start_tls(&tls);
    for host in [server.host(), format!("localhost:{}", server.port())] {
        let user = User::logged_in(&host).trusting(&authority);
        user.push(&host).unwrap();
    }
    // An authority that nobody trusts is not a reason to do without.
    let user = User::logged_in(&server.host());
    let said = user.fails(&server.host());
    assert!(
        said.contains("no authority that this machine trusts") && said.contains("--ca"),
        "{said}"
    );
}

#[test]
fn without_tls_only_a_loopback_address_is_spoken_to() {
    let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]);
    let server = fake.start();
    let user = User::logged_in(&server.host());
    user.push(&server.host()).unwrap();
    assert_eq!(server.hellos(), 1, "TLS was tried, once");
    // Who names an authority wants TLS.
    let strict = User::logged_in(&server.host()).trusting(&Authority::new());
    let seen = server.seen().len();
    let said = strict.fails(&server.host());
    assert!(said.contains("it does not speak TLS") && said.contains("--plain-http"), "{said}");
    assert_eq!(server.seen().len(), seen);
    // Who says so does not try TLS at all.
    let mut plain = User::logged_in(&server.host());
    plain.settings.security = Security::Plain;
    let hellos = server.hellos();
    plain.push(&server.host()).unwrap();
    assert_eq!(server.hellos(), hellos);
}

/// Servers that close the connection on a TLS handshake, rather than say something.
#[test]
fn a_server_that_hangs_up_on_tls_speaks_without() {
    let server = Fake::new().start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = server.port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut first = [0];
                if stream.peek(&mut first).unwrap_or(0) == 0 || first[0] == 0x16 {
                    return;
                }
                let mut other = TcpStream::connect(("127.0.0.1", target)).unwrap();
                let (mut from, mut to) = (stream.try_clone().unwrap(), other.try_clone().unwrap());
                std::thread::spawn(move || copy(&mut from, &mut to).unwrap_or_default());
                copy(&mut other, &mut stream).unwrap_or_default();
            });
        }
    });
    User::new().push(&format!("127.0.0.1:{port}")).unwrap();
    assert!(!server.lines().is_empty());
}

#[test]
fn a_certificate_that_is_not_right_says_why() {
    let authority = Authority::new();
    let date = rcgen::date_time_ymd;
    let expired = authority.server_with(&["127.0.0.1"], |params| {
        (params.not_before, params.not_after) = (date(2001, 1, 1), date(2002, 1, 1));
    });
    let early = authority.server_with(&["127.0.0.1"], |params| {
        (params.not_before, params.not_after) = (date(3001, 1, 1), date(3002, 1, 1));
    });
    let other = authority.server(&["registry.example", "other.example"]);
    let nobody = Authority::new().server(&["127.0.0.1"]);
    for (tls, word) in [
        (expired, "it has expired"),
        (early, "it is not valid yet"),
        (other, "it is for registry.example, other.example"),
        (nobody, "no authority that this machine trusts has signed it"),
    ] {
        let server = Fake::new().start_as_stranger_tls(&tls);
        let user = User::logged_in(&server.host()).trusting(&authority);
        let said = user.fails(&server.host());
        assert!(said.contains(word), "{said}");
        assert!(
            said.contains(&format!("the certificate of `{}` is not trusted", server.host())),
            "{said}"
        );
        assert!(!said.contains("attempts"), "{said}");
    }
    let (pem, tls) = Authority::server_of_authority(&["127.0.0.1"]);
    let server = Fake::new().start_as_stranger_tls(&tls);
    let user = User::new().trusting(&authority);
    std::fs::write(user.ca(), pem).unwrap();
    let said = user.fails(&server.host());
    assert!(said.contains("which may not be that of a host"), "{said}");
}

#[test]
fn a_file_of_certificates_that_cannot_be_used_is_named() {
    let server = Server::stranger(None, |_: &Request| reply(200));
    for (bytes, word) in [
        ("", "it has no `BEGIN CERTIFICATE`"),
        ("hello\n", "it has no `BEGIN CERTIFICATE`"),
        ("-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", "ca.pem"),
        ("-----BEGIN CERTIFICATE-----\n", "ca.pem"),
    ] {
        let user = User::new().trusting(&Authority::new());
        std::fs::write(user.ca(), bytes).unwrap();
        let said = user.fails(&server.host());
        assert!(
            said.contains("cannot read certificates") && said.contains(word),
            "{bytes}: {said}"
        );
    }
    let user = User::new().trusting(&Authority::new());
    std::fs::remove_file(user.ca()).unwrap();
    let said = user.fails(&server.host());
    assert!(said.contains("no such file"), "{said}");
    assert_eq!(server.hellos(), 0);
}

#[test]
fn lasting_faults_end_at_once() {
    let nobody = Nobody::new();
    let free = nobody.port();
    for (host, words) in [
        ("no-such-host.invalid".to_owned(), "cannot reach `no-such-host.invalid`"),
        (format!("no-such-host.invalid:{free}"), "check the name of the host"),
        (format!("127.0.0.1:{free}"), "connection refused"),
        (format!("localhost:{free}"), "connection refused"),
        ("a b".to_owned(), "is not a registry"),
        ("127.0.0.1:99999".to_owned(), "is not a registry"),
    ] {
        for security in [Security::Tls { authority: None }, Security::Plain] {
            let mut user = User::new();
            user.settings.retries.first_wait = Duration::from_secs(60);
            user.settings.security = security;
            let said = user.fails(&host);
            assert!(said.contains(words), "{host}: {said}");
            assert!(!said.contains("attempts") && !said.contains("later"), "{host}: {said}");
        }
    }
}

/// A registry that does nothing is waited for as long as is said.
#[test]
fn nothing_is_waited_for_without_end() {
    let limit = Duration::from_millis(100);
    // It takes the connection, and says nothing in the handshake.
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = deaf.local_addr().unwrap().to_string();
    let mut user = User::new();
    user.settings.limits.connect = limit;
    let said = user.fails(&host);
    assert!(said.contains("no connection for 0.1 s"), "{said}");
    assert!(said.contains("--connect-timeout"), "{said}");
    // It takes the request, and does not answer.
    let mut user = User::new();
    user.settings.limits.answer = limit;
    user.settings.security = Security::Plain;
    let said = user.fails(&host);
    assert!(said.contains("nothing was answered for 0.1 s"), "{said}");
    assert!(said.contains("--answer-timeout") && said.contains("in 3 attempts"), "{said}");
    // It wants a blob, and then stops to read it.
    for (method, flag) in
        [("PUT", "--send-timeout"), ("POST", "--answer-timeout"), ("HEAD", "--answer-timeout")]
    {
        let fake = Fake::new()
            .rule(move |request, _| request.is(method, "/v2/team").then_some(Plan::Stall));
        let server = fake.start();
        let mut user = User::new();
        user.blobs = vec![vec![7; 30_000_000]];
        match method {
            "PUT" => user.settings.limits.send = limit,
            _ => user.settings.limits.answer = limit,
        }
        let said = user.fails(&server.host());
        assert!(said.contains(flag), "{method}: {said}");
    }
}

/// What is slow and goes on is not what takes too long.
#[test]
fn a_slow_registry_is_waited_for() {
    let fake = Fake::new().rule(|_, _| {
        std::thread::sleep(Duration::from_millis(250));
        None
    });
    let server = fake.start();
    let mut user = User::new();
    // Each answer takes less, and all together take more.
    let limit = Duration::from_millis(1200);
    (user.settings.limits.send, user.settings.limits.answer) = (limit, limit);
    let started = Instant::now();
    user.push(&server.host()).unwrap();
    assert!(started.elapsed() > limit);
}

/// Answers that no registry gives.
#[test]
fn nonsense_is_called_so() {
    for bytes in
        ["", "220 ftp ready\r\n", "HTTP/1.1 999999 X\r\n\r\n", "HTTP/1.1 200 OK\r\nA B\r\n\r\n"]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 4096];
                if stream.read(&mut buffer).is_ok() {
                    stream.write_all(bytes.as_bytes()).unwrap_or_default();
                }
            }
        });
        let mut user = User::new();
        user.settings.security = Security::Plain;
        let said = user.fails(&host);
        assert!(said.starts_with("error[registry/"), "{bytes:?}: {said}");
    }
}
