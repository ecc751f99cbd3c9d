//! Where a registry sends an upload or a request on to, and what goes there.

use super::*;

/// A registry that wants the user's login, and begins uploads where `location` says.
fn begins_at(location: String) -> Fake {
    Fake::new().guarded(&[BASIC], &["Basic realm=\"x\"".to_owned()]).rule(move |request, state| {
        (request.method == "POST").then(|| {
            state.uploads.insert("u".to_owned(), Vec::new());
            Plan::Answer(reply(202).header("Location", &location))
        })
    })
}

/// A place that takes whatever is put there.
fn taking() -> impl Fn(&Request) -> server::Reply + Send + Sync {
    |request: &Request| {
        assert_eq!(request.method, "PUT", "{request:?}");
        reply(201)
    }
}

#[test]
fn an_upload_that_goes_to_another_host_goes_without_a_login() {
    let stranger = Server::stranger(None, taking());
    let fake = begins_at(stranger.url("/storage?x=1"));
    let server = fake.start();
    let user = User::logged_in(&server.host()).with_blob(large());
    assert_eq!(user.push(&server.host()).unwrap().sent, 2);
    let seen = stranger.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].body, large());
    // What the registry has signed stays as it is.
    assert!(seen[1].target.starts_with("/storage?x=1&digest=sha256%3A"), "{}", seen[1].target);
}

/// The same address under another name, and the same name at another port, are other hosts as well.
#[test]
fn hosts_are_compared_by_name_and_port() {
    for other in ["localhost", "127.0.0.2", "me:sesame@127.0.0.1"] {
        let stranger = Server::stranger(None, taking());
        let place = format!("http://{other}:{}/storage", stranger.port());
        let server = begins_at(place).start();
        let user = User::logged_in(&server.host());
        // 127.0.0.2 is nobody's, so the push may fail; the login is what counts.
        user.push(&server.host()).map(drop).unwrap_or_default();
        assert_eq!(stranger.seen().is_empty(), other == "127.0.0.2", "{other}");
    }
}

#[test]
fn an_upload_that_leaves_tls_is_refused() {
    let authority = Authority::new();
    let stranger = Server::stranger(None, taking());
    let place = stranger.url("/storage");
    let server = begins_at(place.clone()).start_tls(&authority.server(&["127.0.0.1"]));
    let user = User::logged_in(&server.host()).trusting(&authority);
    let said = user.fails(&server.host());
    assert!(said.contains("which leaves TLS") && said.contains(&place), "{said}");
    assert!(said.contains("X-Forwarded-Proto"), "{said}");
    assert!(stranger.seen().is_empty());
    // Nor does it go to the same host and port, and no other scheme either.
    for (place, word) in [
        (format!("http://{}/u", server.host()), "which leaves TLS"),
        ("file:///etc/passwd".to_owned(), "which is not HTTP"),
        ("http://".to_owned(), "which is not a URL"),
        (String::new(), "does not say where to go on"),
    ] {
        let server = begins_at(place).start_tls(&authority.server(&["127.0.0.1"]));
        let user = User::logged_in(&server.host()).trusting(&authority);
        let said = user.fails(&server.host());
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn to_tls_on_another_host_goes_no_login_either() {
    let authority = Authority::new();
    let tls = authority.server(&["127.0.0.1"]);
    let stranger = Server::stranger(Some(tls.clone()), taking());
    let server = begins_at(stranger.url("/storage")).start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    user.push(&server.host()).unwrap();
    assert_eq!(stranger.seen().len(), 1);
}

/// RFC 3986, section 5, against the URL that answered.
#[test]
fn a_location_may_be_relative() {
    for location in [
        "u",
        "./u",
        "../uploads/u",
        "/v2/team/app/blobs/uploads/u",
        "u?_state=a%2Fb%3D%3D&x",
        "//HOST/v2/team/app/blobs/uploads/u",
        "http://HOST/v2/team/app/blobs/uploads/u",
        "HTTP://HOST/v2/team/app/blobs/uploads/u#part",
    ] {
        // The server does not know its port before it runs.
        let fake =
            Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).rule(move |request, state| {
                (request.method == "POST").then(|| {
                    state.uploads.insert("u".to_owned(), Vec::new());
                    let location = location.replace("HOST", request.header("host").unwrap());
                    Plan::Answer(reply(202).header("Location", location))
                })
            });
        let server = fake.start();
        let user = User::logged_in(&server.host());
        assert_eq!(user.push(&server.host()).unwrap().sent, 1, "{location}");
        let put = server.seen().into_iter().find(|request| request.method == "PUT").unwrap();
        assert_eq!(put.path(), "/v2/team/app/blobs/uploads/u", "{location}");
        if location.contains("_state") {
            assert!(
                put.target.contains("?_state=a%2Fb%3D%3D&x&digest=sha256%3A"),
                "{}",
                put.target
            );
        }
    }
}

/// A query alone keeps the path of the request.
#[test]
fn a_location_may_be_a_query() {
    let fake = Fake::new().rule(|request, state| match request.method.as_str() {
        "POST" => Some(Plan::Answer(reply(202).header("Location", "?session=7"))),
        "PUT" if request.path() == "/v2/team/app/blobs/uploads/" => {
            assert_eq!(request.query("session"), ["7"]);
            let digest = request.query("digest").remove(0);
            state.blobs.insert(("team/app".to_owned(), digest), Vec::new());
            Some(Plan::Answer(reply(201)))
        }
        _ => None,
    });
    let server = fake.start();
    assert_eq!(User::new().push(&server.host()).unwrap().sent, 1);
}

#[test]
fn redirects_keep_the_method_and_the_body() {
    for status in [307, 308] {
        for method in ["POST", "PUT", "HEAD"] {
            let fake = Fake::new().rule(move |request, _| {
                (request.method == method && request.path().starts_with("/v2/")).then(|| {
                    let target = format!("/moved{}", request.target);
                    Plan::Answer(reply(status).header("Location", target))
                })
            });
            let behind = fake.clone();
            let server = Server::trusted(None, Moved(behind));
            let user = User::new().with_blob(large());
            assert_eq!(user.push(&server.host()).unwrap().sent, 2, "{status} {method}");
            assert!(fake.has_blob("team/app", &Digest::of(&large()).to_string()));
            assert!(fake.has_tag("team/app", "v1"));
        }
    }
}

/// What is relative is so to where the request has ended.
#[test]
fn a_location_behind_a_redirect_is_relative_to_that() {
    let fake = Fake::new().rule(|request, state| {
        if request.method != "POST" {
            return None;
        }
        state.uploads.insert("u".to_owned(), Vec::new());
        Some(Plan::Answer(if request.path().starts_with("/moved") {
            reply(202).header("Location", "u?x")
        } else {
            reply(307).header("Location", format!("/moved{}", request.target))
        }))
    });
    let server = Server::trusted(None, Moved(fake));
    assert_eq!(User::new().push(&server.host()).unwrap().sent, 1);
    let put = server.seen().into_iter().find(|request| request.method == "PUT").unwrap();
    assert_eq!(put.path(), "/moved/v2/team/app/blobs/uploads/u");
}

/// A place that is refused is named; what is signed in it is nobody's business.
#[test]
fn signatures_are_not_shown() {
    let authority = Authority::new();
    for place in ["http://s.invalid/u?sig=token-x", "ftp://s.invalid/u?sig=token-x"] {
        let server = begins_at(place.to_owned()).start_tls(&authority.server(&["127.0.0.1"]));
        let user = User::logged_in(&server.host()).trusting(&authority);
        let said = user.fails(&server.host());
        assert!(said.contains("s.invalid/u`") && !said.contains("token-x"), "{said}");
    }
}

/// Does behind `/moved` what the registry does.
struct Moved(Fake);

impl server::Handler for Moved {
    fn plan(&self, head: &Request) -> Plan {
        server::Handler::plan(&self.0, head)
    }

    fn answer(&self, request: &Request) -> server::Reply {
        let target = request.target.strip_prefix("/moved").unwrap_or(&request.target).to_owned();
        server::Handler::answer(&self.0, &Request { target, ..request.clone() })
    }
}

/// The part that is left of a blob, which is sent with PATCH.
#[test]
fn a_redirect_of_the_rest_of_a_blob_is_followed() {
    let mut cut = false;
    let fake = Fake::new().rule(move |request, _| match request.method.as_str() {
        "PUT" if !cut && request.path().contains("uploads") => {
            cut = true;
            Some(Plan::Cut(2_000_000))
        }
        "PATCH" if request.query("moved").is_empty() => {
            let target = format!("{}?moved=1", request.target);
            Some(Plan::Answer(reply(307).header("Location", target)))
        }
        _ => None,
    });
    let server = fake.start();
    let mut user = User::new();
    user.blobs = vec![large()];
    assert_eq!(user.push(&server.host()).unwrap().sent, 1);
    let parts: Vec<usize> = server
        .seen()
        .iter()
        .filter(|request| request.method == "PATCH" && !request.body.is_empty())
        .map(|request| request.body.len())
        .collect();
    assert_eq!(parts, [1_000_000]);
}

#[test]
fn a_redirect_to_another_host_goes_without_a_login() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Fake::new();
        elsewhere.add_blob("team/app", b"a configuration");
        let stranger = elsewhere.start_as_stranger();
        let place = stranger.url("");
        let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).answers(
            9,
            "HEAD",
            "/v2/team",
            move |request| reply(status).header("Location", format!("{place}{}", request.target)),
        );
        let server = fake.start();
        let user = User::logged_in(&server.host());
        assert_eq!(user.push(&server.host()).unwrap().known, 1, "{status}");
        assert_eq!(stranger.lines().len(), 1, "{status}");
    }
}

/// The blob goes to where the registry says; what that host asks for is not the login of the registry.
#[test]
fn a_host_behind_a_redirect_gets_no_login_when_it_asks() {
    let stranger = Server::stranger(None, |_: &Request| {
        reply(401).header("WWW-Authenticate", "Basic realm=\"give it to me\"")
    });
    let place = stranger.url("");
    for method in ["HEAD", "POST", "PUT"] {
        let place = place.clone();
        let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).answers(
            9,
            method,
            "/v2/team",
            move |request| reply(307).header("Location", format!("{place}{}", request.target)),
        );
        let server = fake.start();
        let user = User::logged_in(&server.host());
        if method == "HEAD" {
            // A place that keeps blobs may not allow to ask for them; the registry is sent the blob then.
            assert_eq!(user.push(&server.host()).unwrap().sent, 1);
            continue;
        }
        let said = user.fails(&server.host());
        assert!(said.contains(&format!("`{}` wants a login", stranger.host())), "{said}");
        assert!(said.contains(&server.host()), "{said}");
    }
}

#[test]
fn redirects_end() {
    let fake = Fake::new().rule(|request, _| {
        (request.method == "HEAD")
            .then(|| Plan::Answer(reply(302).header("Location", format!("{}x", request.target))))
    });
    let server = fake.start();
    let said = User::new().fails(&server.host());
    assert!(said.contains("without end"), "{said}");
    assert_eq!(server.lines().len(), 11);
}

/// 301, 302 and 303 make another request of a POST: what was asked for would not be done.
#[test]
fn a_redirect_that_changes_the_request_is_refused() {
    for status in [301, 302, 303] {
        let fake = Fake::new()
            .answers(9, "POST", "/v2/", move |_| reply(status).header("Location", "/elsewhere"));
        let server = fake.start();
        let said = User::new().fails(&server.host());
        assert!(said.contains("/elsewhere") && said.contains("307 and 308"), "{said}");
        assert!(!server.lines().iter().any(|line| line.contains("elsewhere")));
    }
    let fake = Fake::new().answers(9, "POST", "/v2/", |_| reply(307));
    let said = User::new().fails(&fake.start().host());
    assert!(said.contains("does not say where to go on"), "{said}");
}
